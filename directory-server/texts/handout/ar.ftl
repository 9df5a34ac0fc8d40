# The hand-out for clients, in Arabic.
# This file needs a native speaker's review. Until it had one, `review` below is printed on every
# hand-out; when it had one, write who and when here, and make the text `review = { "" }`.

## The sheet
title = أماكن يمكنها مساعدتك
near = بالقرب من { $place }
date-of-data = هذه القائمة بتاريخ { $date }. قد تمتلئ الأماكن. اتصل قبل أن تذهب.
shown = { $total ->
    [one] يوجد مكان واحد لهذه الحاجة.
    [two] يوجد مكانان لهذه الحاجة. تعرض هذه الورقة { $shown }.
    [few] توجد { $total } أماكن لهذه الحاجة. تعرض هذه الورقة { $shown }.
    [many] يوجد { $total } مكانًا لهذه الحاجة. تعرض هذه الورقة { $shown }.
   *[other] يوجد { $total } مكان لهذه الحاجة. تعرض هذه الورقة { $shown }.
}
nothing = لم نجد الآن شيئًا لهذه الحاجة. اسأل الشخص الذي أعطاك هذه الورقة عمّا يمكنك فعله.
scan = لرؤية أحدث قائمة، امسح هذا الرمز بالهاتف أو اكتب هذا العنوان:
qr = رمز QR. يفتح العنوان المكتوب بجانبه.
provider-decides = كل مكان يقرر من يمكنه مساعدته. وجود المكان في هذه القائمة ليس توصية به.
as-published = الأسماء والأوصاف مطبوعة كما كتبها كل مكان.
not-about-you = لا يوجد في هذه الورقة أي شيء يدل على هويتك.
review = لم يراجع متحدث أصلي باللغة العربية كلمات هذه الورقة بعد.

## A place
call = اتصل
no-phone = لا يوجد رقم هاتف منشور.
web = الموقع الإلكتروني
address = العنوان
address-hidden = العنوان سري. اتصل أولاً. المنطقة: { $area }
distance = { $miles ->
    [one] على بعد ميل واحد تقريبًا
    [two] على بعد ميلين تقريبًا
    [few] على بعد { $miles } أميال تقريبًا
    [many] على بعد { $miles } ميلاً تقريبًا
   *[other] على بعد { $miles } ميل تقريبًا
}
hours = ساعات العمل
languages = اللغات
start = كيف تبدأ
bring = أحضر معك
cost = التكلفة
free = مجاني

## How full it is
state-open = كان يستقبل أشخاصًا جددًا في { $date }
state-limited = كانت لديه أماكن قليلة في { $date }
state-assess = يستقبل أشخاصًا جددًا بعد مقابلة، في { $date }
state-waitlist = كانت لديه قائمة انتظار في { $date }
state-window = يستقبل أشخاصًا جددًا في أوقات محددة فقط، في { $date }
state-paused = كان لا يستقبل أحدًا لفترة، في { $date }
state-closed = كان لا يستقبل أحدًا في { $date }
state-stale = لا نعرف إن كان هناك مكان. اتصل أولاً.
state-unknown = لا نعرف إن كان هناك مكان. اتصل أولاً.

## Dates, hours, lists
date = { $day } { $month } { $year }
time = { $hour }:{ $minute } { $half ->
    [am] صباحًا
   *[pm] مساءً
}
hours-line = { $days }: من { $opens } إلى { $closes }
days-range = من { $from } إلى { $to }
list = { $before }، { $after }
month-1 = كانون الثاني (يناير)
month-2 = شباط (فبراير)
month-3 = آذار (مارس)
month-4 = نيسان (أبريل)
month-5 = أيار (مايو)
month-6 = حزيران (يونيو)
month-7 = تموز (يوليو)
month-8 = آب (أغسطس)
month-9 = أيلول (سبتمبر)
month-10 = تشرين الأول (أكتوبر)
month-11 = تشرين الثاني (نوفمبر)
month-12 = كانون الأول (ديسمبر)
day-mo = الاثنين
day-tu = الثلاثاء
day-we = الأربعاء
day-th = الخميس
day-fr = الجمعة
day-sa = السبت
day-su = الأحد

## Needs, by their codes
need-any = مساعدة من أي نوع
need-dom-leg = محامي هجرة أو مساعدة قانونية
need-lc-asy-aff = محامٍ: اللجوء دون قضية في المحكمة
need-lc-asy-def = محامٍ: اللجوء في محكمة الهجرة
need-lc-bond = محامٍ: الكفالة أو الخروج من الاحتجاز
need-lc-rem-def = محامٍ: الدفاع ضد الترحيل
need-lc-ead-asy = محامٍ: تصريح العمل أثناء انتظار اللجوء
need-lc-tps = محامٍ: وضع الحماية المؤقتة (TPS)
need-dom-oleg = مساعدة قانونية أخرى: السكن والأسرة والإعانات
need-dom-mhp = مساعدة عند التوتر أو الحزن أو الخوف
need-dom-hou = مكان للسكن
need-ho-es = مكان للنوم هذه الليلة
need-dom-voc = العمل والتدريب المهني
need-dom-edu = المدرسة ودروس اللغة الإنجليزية
need-dom-med = طبيب
need-dom-fme = تقرير طبي لقضية لجوء
need-dom-dir = طعام ومال وملابس ومواصلات
need-da-food = طعام
need-dom-cas = شخص يساعدك في ترتيب أمورك
need-dom-ori = التعرف على البلد
need-dom-int = مترجم
need-dom-bor = مأوى على الحدود أو بعد الخروج من الاحتجاز
need-dom-rri = العودة الآمنة
need-dom-oth = مساعدة أخرى

## Languages, by their codes
language-aa = الأفارية
language-af = الأفريقانية
language-ak = الأكانية
language-am = الأمهرية
language-ar = العربية
language-arc = الآرامية
language-ase = لغة الإشارة الأمريكية
language-awa = الأوادية
language-ay = الأيمارا
language-az = الأذربيجانية
language-bg = البلغارية
language-bm = البامبارا
language-bn = البنغالية
language-bo = التبتية
language-bs = البوسنية
language-ca = الكتالانية
language-caa = تشورتي
language-cab = الغاريفونا
language-cac = تشوخ
language-cak = كاكتشيكل
language-ceb = السيبيوانية
language-ckb = السورانية
language-cmn = الماندرين
language-cs = التشيكية
language-cy = الويلزية
language-da = الدانمركية
language-de = الألمانية
language-din = الدنكا
language-dje = الزارمية
language-dyu = الدايلا
language-ee = الإيوي
language-eky = الكارينية
language-el = اليونانية
language-en = الإنجليزية
language-es = الإسبانية
language-et = الإستونية
language-fa = الفارسية
language-ff = الفولانية
language-fi = الفنلندية
language-fil = الفلبينية
language-fr = الفرنسية
language-gaa = الجا
language-gn = الغوارانية
language-gu = الغوجاراتية
language-ha = الهوسا
language-haw = الهاوائية
language-he = العبرية
language-hi = الهندية
language-hmn = الهمونجية
language-hr = الكرواتية
language-ht = الكريولية الهايتية
language-hu = الهنغارية
language-hy = الأرمنية
language-id = الإندونيسية
language-ig = الإيجبو
language-ilo = الإيلوكو
language-it = الإيطالية
language-ixl = إيشيل
language-ja = اليابانية
language-jac = بوبتي
language-ka = الجورجية
language-kar = كارين
language-kek = كيكتشي
language-kg = الكيكونغو
language-kjb = كانخوبال
language-kk = الكازاخستانية
language-km = الخميرية
language-kmr = الكرمانجية
language-kn = الكانادا
language-ko = الكورية
language-kri = كريو
language-ku = الكردية
language-kun = كوناما
language-ky = القيرغيزية
language-lkt = لاكوتا
language-ln = اللينجالا
language-lo = اللاوية
language-lt = الليتوانية
language-lv = اللاتفية
language-mam = المام
language-man = الماندينغ
language-men = الميند
language-mg = الملغاشي
language-mk = المقدونية
language-ml = المالايالامية
language-mn = المنغولية
language-mr = الماراثية
language-ms = الماليزية
language-mxb = ميشتيكو
language-my = البورمية
language-nah = ناواتل
language-ne = النيبالية
language-nl = الهولندية
language-no = النرويجية
language-om = الأورومية
language-pa = البنجابية
language-pl = البولندية
language-poh = بوكومتشي
language-prs = الدارية
language-ps = البشتوية
language-pt = البرتغالية
language-qu = كيشوا
language-quc = كيتشي
language-rhg = الروهينغية
language-rn = الكيروندية
language-ro = الرومانية
language-ru = الروسية
language-rw = الكينيارواندا
language-sh = صربية-كرواتية
language-si = السنهالية
language-sk = السلوفاكية
language-sm = الساموائية
language-snk = السونينك
language-so = الصومالية
language-sq = الألبانية
language-sr = الصربية
language-sv = السويدية
language-sw = السواحيلية
language-ta = التاميلية
language-te = التيلوغوية
language-tg = الطاجيكية
language-th = التايلاندية
language-ti = التغرينية
language-tk = التركمانية
language-tl = التاغالوغية
language-to = التونغية
language-tpi = التوك بيسين
language-tr = التركية
language-tzh = تزلتال
language-tzo = تزوتزيل
language-ug = الأويغورية
language-uk = الأوكرانية
language-ur = الأوردية
language-uz = الأوزبكية
language-vi = الفيتنامية
language-wo = الولوفية
language-xh = الخوسا
language-yi = اليديشية
language-ymm = ماي ماي
language-yo = اليوروبا
language-yua = مايا يوكاتان
language-yue = الكانتونية
language-zap = الزابوتيك
language-zh = الصينية
language-zu = الزولو
