type FormValue = string | number | null | readonly FormValue[] | { readonly [key: string]: FormValue };

const entries = (name: string, value: FormValue): [string, string][] => {
  if (value === null) return [[name, '']];
  if (typeof value !== 'object') return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, each]) => entries(name === '' ? key : `${name}[${key}]`, each));
};

/** A form as PHP builds one: `line_items[0][product_id]=5`, brackets escaped. */
export const phpForm = (value: { readonly [key: string]: FormValue }): string =>
  new URLSearchParams(entries('', value)).toString();
