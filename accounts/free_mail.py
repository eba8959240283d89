"""Domains whose addresses say nothing about the company their owner works for.

Public mailbox providers, the mail of internet access providers, and throw-away addresses: two
people at one of these are not colleagues. A workspace adds its own through the `extra_free`
argument of `accounts.keys.domain_key`.
"""

# Providers that serve one brand under many country endings.
_BRANDS = {
    "gmx": "at biz ch co.uk com de es eu fr info it li net org us",
    "hotmail": (
        "be ca ch cl co.il co.jp co.kr co.nz co.th co.uk co.za com com.ar com.au com.br com.tr cz "
        "de dk es fi fr gr hu it lv my nl no ph rs se sg sk"
    ),
    "live": (
        "at be ca ch cl cn co.kr co.uk co.za com com.ar com.au com.mx com.my com.pt com.sg de dk "
        "fi fr hk ie in it jp nl no ru se"
    ),
    "outlook": (
        "at be cl co co.id co.il co.nz co.th com com.ar com.au com.br com.gr com.pe com.tr com.vn "
        "cz de dk es fr hu ie in it jp kr lv my ph pt sa sg sk"
    ),
    "yahoo": (
        "at be bg ca cl co.id co.il co.in co.jp co.kr co.nz co.th co.uk co.za com com.ar com.au "
        "com.br com.cn com.co com.hk com.mx com.my com.pe com.ph com.sg com.tr com.tw com.ve "
        "com.vn cz de dk es fi fr gr hu ie in it nl no pl pt ro se"
    ),
    "yandex": "by com com.tr kz ru ua uz",
}

_INTERNATIONAL = """
    gmail.com googlemail.com ymail.com rocketmail.com myyahoo.com msn.com passport.com
    windowslive.com icloud.com me.com mac.com aol.com aol.co.uk aol.de aol.fr aim.com proton.me
    protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tutamail.com tuta.com tuta.io
    keemail.me fastmail.com fastmail.fm fastmail.net fastmail.org sent.com messagingengine.com
    hey.com duck.com zoho.com zohomail.com zohomail.eu zohomail.in mail.com email.com usa.com
    consultant.com engineer.com europe.com post.com inbox.com inbox.lv hushmail.com hush.com
    lavabit.com runbox.com posteo.de posteo.net posteo.org mailbox.org mailfence.com disroot.org
    riseup.net startmail.com skiff.com gawab.com lycos.com excite.com netscape.net mailfence.be
    privaterelay.appleid.com relay.firefox.com mozmail.com simplelogin.com anonaddy.com
    anonaddy.me
"""

_NORTH_AMERICA = """
    comcast.net xfinity.com verizon.net att.net sbcglobal.net bellsouth.net pacbell.net
    ameritech.net swbell.net prodigy.net cox.net charter.net spectrum.net roadrunner.com rr.com
    twc.com earthlink.net mindspring.com juno.com netzero.net netzero.com frontier.com
    frontiernet.net windstream.net centurylink.net centurytel.net embarqmail.com q.com
    optonline.net optimum.net suddenlink.net mchsi.com cableone.net tds.net wowway.com hughes.net
    rogers.com shaw.ca sympatico.ca bell.net telus.net videotron.ca cogeco.ca eastlink.ca
    sasktel.net mts.net nb.sympatico.ca
"""

_EUROPE = """
    web.de t-online.de freenet.de arcor.de online.de email.de 1und1.de vodafonemail.de
    kabelmail.de mail.de unitybox.de ewe.net ewetel.net magenta.de alice-dsl.de alice.de
    gmx-topmail.de aon.at chello.at a1.net inode.at drei.at bluewin.ch hispeed.ch sunrise.ch
    swissonline.ch free.fr orange.fr wanadoo.fr laposte.net sfr.fr neuf.fr bbox.fr
    club-internet.fr numericable.fr alice.fr aliceadsl.fr voila.fr cegetel.net 9online.fr
    telenet.be skynet.be proximus.be scarlet.be ziggo.nl kpnmail.nl planet.nl hetnet.nl home.nl
    xs4all.nl casema.nl upcmail.nl tele2.nl chello.nl zonnet.nl quicknet.nl kpnplanet.nl pt.lu
    btinternet.com btopenworld.com bt.com virginmedia.com virgin.net ntlworld.com blueyonder.co.uk
    sky.com talktalk.net tiscali.co.uk plusnet.com plus.com uk2.net orange.net o2.co.uk eircom.net
    libero.it virgilio.it alice.it tin.it tiscali.it tim.it iol.it inwind.it fastwebnet.it
    email.it blu.it giallo.it poste.it telefonica.net terra.es ono.com movistar.es ya.com
    orange.es sapo.pt mail.telepac.pt clix.pt iol.pt netcabo.pt telia.com bredband.net comhem.se
    spray.se home.se tele2.se passagen.se bredband2.com online.no broadpark.no c2i.net frisurf.no
    mail.dk stofanet.dk tdcadsl.dk youmail.dk jubii.dk kolumbus.fi elisanet.fi pp.inet.fi
    luukku.com suomi24.fi welho.com saunalahti.fi simnet.is seznam.cz email.cz post.cz centrum.cz
    volny.cz atlas.cz quick.cz azet.sk centrum.sk zoznam.sk pobox.sk post.sk wp.pl o2.pl onet.pl
    onet.eu op.pl interia.pl interia.eu poczta.onet.pl poczta.fm gazeta.pl tlen.pl vp.pl
    autograf.pl freemail.hu citromail.hu indamail.hu t-online.hu abv.bg mail.bg dir.bg siol.net
    net.hr otenet.gr forthnet.gr hol.gr in.gr mail.ee hot.ee one.lt takas.lt delfi.lv mail.ru
    bk.ru inbox.ru list.ru internet.ru rambler.ru lenta.ru autorambler.ru myrambler.ru ro.ru ya.ru
    narod.ru pochta.ru ukr.net i.ua meta.ua bigmir.net tut.by mail.by mail.kz
"""

_ASIA_PACIFIC = """
    qq.com foxmail.com 163.com 126.com 139.com 189.cn yeah.net sina.com sina.cn vip.163.com
    vip.qq.com sohu.com tom.com 21cn.com aliyun.com wo.cn 263.net netvigator.com pchome.com.tw
    hinet.net naver.com hanmail.net daum.net nate.com kakao.com korea.com nifty.com nifty.ne.jp
    biglobe.ne.jp so-net.ne.jp ocn.ne.jp dti.ne.jp docomo.ne.jp ezweb.ne.jp softbank.ne.jp
    i.softbank.jp au.com excite.co.jp infoseek.jp rediffmail.com rediff.com sify.com
    indiatimes.com in.com vsnl.net vsnl.com bsnl.in airtelmail.in singnet.com.sg pacific.net.sg
    streamyx.com bigpond.com bigpond.net.au optusnet.com.au iinet.net.au internode.on.net
    tpg.com.au westnet.com.au dodo.com.au ozemail.com.au xtra.co.nz slingshot.co.nz clear.net.nz
"""

_REST_OF_THE_WORLD = """
    uol.com.br bol.com.br terra.com.br ig.com.br globo.com globomail.com oi.com.br r7.com
    zipmail.com.br prodigy.net.mx terra.com terra.com.mx fibertel.com.ar arnet.com.ar
    ciudad.com.ar speedy.com.ar adinet.com.uy vtr.net entelchile.net walla.co.il walla.com
    netvision.net.il 012.net.il bezeqint.net zahav.net.il maktoob.com mynet.com ttmail.com
    superonline.com emirates.net.ae eim.ae webmail.co.za mweb.co.za telkomsa.net vodamail.co.za
    iafrica.com
"""

_THROW_AWAY = """
    mailinator.com mailinator.net guerrillamail.com guerrillamail.net guerrillamail.org
    guerrillamailblock.com sharklasers.com grr.la 10minutemail.com 10minutemail.net temp-mail.org
    temp-mail.io tempmail.com tempmail.net tempmailo.com tempr.email throwawaymail.com
    trashmail.com trashmail.de trashmail.net wegwerfmail.de wegwerfmail.net yopmail.com yopmail.fr
    yopmail.net dispostable.com getnada.com nada.email maildrop.cc mailnesia.com mailcatch.com
    mintemail.com mohmal.com moakt.com emailondeck.com fakeinbox.com spamgourmet.com mytemp.email
    burnermail.io discard.email discardmail.com spam4.me mailnull.com jetable.org
    incognitomail.org getairmail.com 33mail.com
"""

FREE_MAIL_DOMAINS: frozenset[str] = frozenset(
    f"{brand}.{ending}" for brand, endings in _BRANDS.items() for ending in endings.split()
).union(
    _INTERNATIONAL.split(),
    _NORTH_AMERICA.split(),
    _EUROPE.split(),
    _ASIA_PACIFIC.split(),
    _REST_OF_THE_WORLD.split(),
    _THROW_AWAY.split(),
)
