// The vendor's own words, as its pages show them; they are not translated, so that people find them there.
export const SMARTBILL_PLACE = {
  path: 'Contul Meu > Integrari > Sincronizare stocuri',
  url: 'URL',
  token: 'Token autentificare',
  button: 'Testeaza conexiunea',
} as const;
