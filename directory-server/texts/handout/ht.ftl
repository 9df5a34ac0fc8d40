# The hand-out for clients, in Haitian Creole.
# This file needs a native speaker's review. Until it had one, `review` below is printed on every
# hand-out; when it had one, write who and when here, and make the text `review = { "" }`.

## The sheet
title = Kote ki ka ede w
near = Toupre { $place }
date-of-data = Lis sa a se lis { $date }. Plas yo ka fini. Rele anvan ou ale.
shown = { $total ->
    [one] Gen 1 kote pou bezwen sa a.
   *[other] Gen { $total } kote pou bezwen sa a. Fèy sa a montre { $shown }.
}
nothing = Kounye a nou pa jwenn anyen pou bezwen sa a. Mande moun ki ba ou fèy sa a kisa pou w fè apre sa.
scan = Pou w wè lis ki pi nouvo a, eskane kòd sa a ak yon telefòn, oswa tape adrès sa a:
qr = Kòd QR. Li louvri adrès ki ekri bò kote l la.
provider-decides = Chak kote deside ki moun li ka ede. Lè yon kote nan lis la, sa pa vle di nou rekòmande l.
as-published = Non yo ak deskripsyon yo parèt jan chak kote te ekri yo.
not-about-you = Pa gen anyen sou fèy sa a ki di ki moun ou ye.
review = Yon moun ki pale kreyòl kòm lang manman l poko verifye mo kreyòl ki sou fèy sa a.

## A place
call = Rele
no-phone = Pa gen nimewo telefòn ki pibliye.
web = Sit entènèt
address = Adrès
address-hidden = Adrès la prive. Rele anvan. Zòn: { $area }
distance = { $miles ->
    [one] apeprè 1 mil distans
   *[other] apeprè { $miles } mil distans
}
hours = Orè
languages = Lang
start = Kijan pou w kòmanse
bring = Pote
cost = Pri
free = Gratis

## How full it is
state-open = Li t ap pran moun nouvo { $date }
state-limited = Li te rete kèk plas sèlman { $date }
state-assess = Li pran moun nouvo apre yon entèvyou, { $date }
state-waitlist = Li te gen yon lis datant { $date }
state-window = Li pran moun nouvo nan kèk dat sèlman, { $date }
state-paused = Li pa t ap pran moun pou yon ti tan, { $date }
state-closed = Li pa t ap pran moun { $date }
state-stale = Nou pa konnen si gen plas. Rele anvan.
state-unknown = Nou pa konnen si gen plas. Rele anvan.

## Dates, hours, lists
date = { $day } { $month } { $year }
time = { $hour }:{ $minute } { $half ->
    [am] AM
   *[pm] PM
}
hours-line = { $days }: { $opens } rive { $closes }
days-range = { $from } rive { $to }
list = { $before }, { $after }
month-1 = janvye
month-2 = fevriye
month-3 = mas
month-4 = avril
month-5 = me
month-6 = jen
month-7 = jiyè
month-8 = out
month-9 = septanm
month-10 = oktòb
month-11 = novanm
month-12 = desanm
day-mo = lendi
day-tu = madi
day-we = mèkredi
day-th = jedi
day-fr = vandredi
day-sa = samdi
day-su = dimanch

## Needs, by their codes
need-any = Nenpòt kalite èd
need-dom-leg = Avoka imigrasyon oswa èd legal
need-lc-asy-aff = Avoka: azil, san dosye nan tribinal
need-lc-asy-def = Avoka: azil nan tribinal imigrasyon
need-lc-bond = Avoka: kosyon, oswa soti nan detansyon
need-lc-rem-def = Avoka: defans kont depòtasyon
need-lc-ead-asy = Avoka: pèmi travay pandan w ap tann azil
need-lc-tps = Avoka: estati pwoteksyon tanporè (TPS)
need-dom-oleg = Lòt èd legal: lojman, fanmi, benefis
need-dom-mhp = Èd pou estrès, lapenn oswa laperèz
need-dom-hou = Yon kote pou w viv
need-ho-es = Yon kote pou w dòmi aswè a
need-dom-voc = Travay ak fòmasyon
need-dom-edu = Lekòl ak klas anglè
need-dom-med = Yon doktè
need-dom-fme = Yon rapò medikal pou yon dosye azil
need-dom-dir = Manje, lajan, rad, transpò
need-da-food = Manje
need-dom-cas = Yon moun ki ede w ak demach yo
need-dom-ori = Aprann konnen peyi a
need-dom-int = Entèprèt oswa tradiksyon
need-dom-bor = Abri sou fwontyè a oswa lè ou fin soti nan detansyon
need-dom-rri = Retounen lakay ou san danje
need-dom-oth = Lòt èd

## Languages, by their codes
language-en = anglè
language-es = panyòl
language-ht = kreyòl ayisyen
language-ar = arab
language-prs = dari
language-ps = pachto
language-fr = franse
language-pt = pòtigè
language-ru = ris
language-uk = ikrenyen
language-zh = chinwa
language-pa = pendjabi
language-mam = mam
language-sw = swahili
