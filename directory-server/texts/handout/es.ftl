# The hand-out for clients, in Spanish.
# This file needs a native speaker's review. Until it had one, `review` below is printed on every
# hand-out; when it had one, write who and when here, and make the text `review = { "" }`.

## The sheet
title = Lugares que pueden ayudarle
near = Cerca de { $place }
date-of-data = Esta lista es del { $date }. Los lugares se pueden llenar. Llame antes de ir.
shown = { $total ->
    [one] Hay 1 lugar para esta necesidad.
   *[other] Hay { $total } lugares para esta necesidad. Esta hoja muestra { $shown }.
}
nothing = Ahora no encontramos nada para esta necesidad. Pregunte a la persona que le dio esta hoja qué puede hacer.
scan = Para ver la lista más nueva, escanee este código con un teléfono o escriba esta dirección:
qr = Código QR. Abre la dirección escrita al lado.
provider-decides = Cada lugar decide a quién puede ayudar. Estar en esta lista no es una recomendación.
as-published = Los nombres y las descripciones están como los escribió cada lugar.
not-about-you = Nada en esta hoja dice quién es usted.
review = Una persona de habla hispana todavía no ha revisado las palabras en español de esta hoja.

## A place
call = Llame al
no-phone = No hay un número de teléfono publicado.
web = Sitio web
address = Dirección
address-hidden = La dirección es privada. Llame primero. Zona: { $area }
distance = { $miles ->
    [one] a 1 milla, más o menos
   *[other] a { $miles } millas, más o menos
}
hours = Horario
languages = Idiomas
start = Cómo empezar
bring = Lleve
cost = Costo
free = Gratis

## How full it is
state-open = Recibía a personas nuevas el { $date }
state-limited = Tenía pocos lugares libres el { $date }
state-assess = Recibe a personas nuevas después de una entrevista, el { $date }
state-waitlist = Tenía lista de espera el { $date }
state-window = Recibe a personas nuevas solo en ciertas fechas, el { $date }
state-paused = No recibía a nadie por un tiempo, el { $date }
state-closed = No recibía a nadie el { $date }
state-stale = No sabemos si hay lugar. Llame primero.
state-unknown = No sabemos si hay lugar. Llame primero.

## Dates, hours, lists
date = { $day } de { $month } de { $year }
time = { $hour }:{ $minute } { $half ->
    [am] a. m.
   *[pm] p. m.
}
hours-line = { $days }: de { $opens } a { $closes }
days-range = de { $from } a { $to }
list = { $before }, { $after }
month-1 = enero
month-2 = febrero
month-3 = marzo
month-4 = abril
month-5 = mayo
month-6 = junio
month-7 = julio
month-8 = agosto
month-9 = septiembre
month-10 = octubre
month-11 = noviembre
month-12 = diciembre
day-mo = lunes
day-tu = martes
day-we = miércoles
day-th = jueves
day-fr = viernes
day-sa = sábado
day-su = domingo

## Needs, by their codes
need-any = Cualquier tipo de ayuda
need-dom-leg = Abogado de inmigración o ayuda legal
need-lc-asy-aff = Abogado: asilo sin caso en la corte
need-lc-asy-def = Abogado: asilo en la corte de inmigración
need-lc-bond = Abogado: fianza o salida de la detención
need-lc-rem-def = Abogado: defensa contra la deportación
need-lc-ead-asy = Abogado: permiso de trabajo mientras espera el asilo
need-lc-tps = Abogado: estatus de protección temporal (TPS)
need-dom-oleg = Otra ayuda legal: vivienda, familia, beneficios
need-dom-mhp = Ayuda para el estrés, la tristeza o el miedo
need-dom-hou = Un lugar para vivir
need-ho-es = Un lugar para dormir esta noche
need-dom-voc = Trabajo y capacitación
need-dom-edu = Escuela y clases de inglés
need-dom-med = Un médico
need-dom-fme = Un informe médico para un caso de asilo
need-dom-dir = Comida, dinero, ropa, transporte
need-da-food = Comida
need-dom-cas = Una persona que ayuda con los trámites
need-dom-ori = Conocer el país
need-dom-int = Intérprete o traducción
need-dom-bor = Albergue en la frontera o al salir de la detención
need-dom-rri = Regreso seguro
need-dom-oth = Otra ayuda

## Languages, by their codes
language-en = inglés
language-es = español
language-ht = criollo haitiano
language-ar = árabe
language-prs = dari
language-ps = pastún
language-fr = francés
language-pt = portugués
language-ru = ruso
language-uk = ucraniano
language-zh = chino
language-pa = panyabí
language-mam = mam
language-sw = suajili
