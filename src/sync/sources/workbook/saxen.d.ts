/** What is used of saxen, an XML parser that comes without types. Handlers may throw; `write` and `end` throw on. */
declare module 'saxen' {
  export class Parser {
    on(event: 'openTag', handle: (name: string, attributes: () => Record<string, string> | false) => void): this;
    on(event: 'closeTag', handle: (name: string) => void): this;
    on(event: 'text' | 'cdata' | 'attention' | 'comment', handle: (text: string) => void): this;
    on(event: 'warn', handle: (warning: Error) => void): this;
    write(xml: string): this;
    end(): unknown;
  }
}
