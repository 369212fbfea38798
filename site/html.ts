/** Text that is safe to insert into HTML. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Value = Html | string | number | false | undefined | null | readonly Value[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for HTML's content and attributes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);

function textOf(value: Value): string {
  if (value === undefined || value === null || value === false) return '';
  if (Array.isArray(value)) return value.map(textOf).join('');
  return value instanceof Html ? value.text : escapeHtml(String(value));
}

/** Builds HTML from a template. Values are escaped, unless they are {@link Html}. Lists are joined; undefined, null and false are left out. */
export function html(strings: TemplateStringsArray, ...values: Value[]): Html {
  return new Html(
    strings.map((text, index) => text + (index < values.length ? textOf(values[index]) : '')).join(''),
  );
}

/** Returns a heading. Levels below the sixth are sixth. */
export const heading = (level: number, content: Html): Html => {
  const tag = `h${Math.min(level, 6)}`;
  return new Html(`<${tag}>${content.text}</${tag}>`);
};
