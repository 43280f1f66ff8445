import type { NoticeWords } from './notice-words';

export const ro: NoticeWords = {
  kinds: {
    circuit_open: {
      title: '{shop}: magazinul nu mai este apelat',
      cause: 'Magazinul nu răspunde sau refuză apelurile noastre, așa că nu scriem nimic în el; ce sosește așteaptă.',
      cure: 'Încercăm din nou singuri. Dacă rămâne așa, pagina conexiunii arată ce a răspuns magazinul.',
      place: 'La conexiuni',
    },
    mass_zero: {
      title: '{shop}: produse reținute înainte de a ajunge la 0',
      cause: 'Sursa a pus foarte multe produse pe 0 deodată; sunt reținute până te uiți.',
      cure: 'Dacă e corect, alege Reîncearcă pentru aceste produse. Dacă nu, corectează sursa.',
      place: 'La aceste produse',
    },
    run_paused: {
      title: '{source} → {shop}: o rulare s-a oprit și te întreabă',
      cause: 'Rularea ar schimba foarte mult deodată, așa că s-a oprit înainte să stocheze ceva.',
      cure: 'Uită-te la liniile ei, apoi las-o să continue sau anuleaz-o.',
      place: 'La rulare',
    },
    run_failed: {
      title: '{source} → {shop}: o rulare a eșuat',
      cause: 'Rularea s-a încheiat fără rezultat și nicio alta de același fel nu a reușit de atunci.',
      cure: 'Uită-te în jurnalul ei, îndepărtează cauza și pornește-o din nou.',
      place: 'La rulare',
    },
    source_silent: {
      title: '{source} a tăcut',
      cause: 'Sursa tace de mai mult timp decât oricând, așa că stocurile din magazin pot fi vechi.',
      cure: 'Verifică dacă rulează și încă ne apelează; un apel de test arată imediat dacă ajunge.',
      place: 'La sursă',
    },
    levels_unread: {
      title: '{source}: stocurile ei nu pot fi citite',
      cause: 'Apelurile au numit produse fără stocul lor, iar API-ul sursei nu ne lasă să îl citim.',
      cure: 'Testează sursa; răspunsul spune ce nu e în regulă.',
      place: 'La sursă',
    },
    flow_missed: {
      title: '{source} → {shop}: un flux a pornit târziu sau deloc',
      cause: 'La ora planificată serviciul nu rula sau o altă rulare era încă în curs.',
      cure: 'Nimic de făcut dacă următoarea vine la timp; altfel uită-te la rulări.',
      place: 'La rulări',
    },
    products_unmatched: {
      title: '{source} → {shop}: produse fără pereche',
      cause: 'Produse care nu se potrivesc cu nimic din magazin sau cu mai multe: {n}. Stocul lor nu este scris.',
      cure: 'Alege produsul corect la Potriviri; sugestiile te așteaptă acolo.',
      place: 'La potriviri',
    },
    products_failed: {
      title: '{source} → {shop}: produse cu eroare',
      cause: 'Produse care nu au putut fi scrise, toate din aceeași cauză: {n}.',
      cure: 'Deschide lista: spune cauza și ce o rezolvă.',
      place: 'La aceste produse',
    },
    orders_unseen: {
      title: '{source} → {shop}: comenzi web de care sursa nu știe',
      cause:
        'Comanda {order} a fost plasată acum {hours} ore, iar sursa tot nu știe de ea (astfel de comenzi în total: {orders}). Ce au luat rămâne scăzut.',
      cure: 'Înregistrează sau facturează acolo comenzile. Pe cele de care știe deja marchează-le ca știute în listă.',
      place: 'La aceste comenzi',
    },
  },
  mail: {
    over: 'S-a rezolvat: {title}',
    overWhy: 'S-a încheiat la {time}.',
    several: 'Înștiințări: {n}',
    cure: 'Ce e de făcut:',
    said: 'Răspunsul a fost:',
    since: 'Din {time}',
    why: 'Primești acest e-mail pentru că ai ales să fii anunțat de Stock Relay.',
    settings: 'Alege ce afli și când',
    testSubject: 'Un test de la Stock Relay',
    testText: 'Acesta este testul pe care l-ai cerut. E-mailurile de la Stock Relay ajung la tine.',
  },
};
