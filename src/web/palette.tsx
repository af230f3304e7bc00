import type { editor } from 'monaco-editor/esm/vs/editor/editor.api';

/** The editor's colours, the same ink and paper as page.css. Contrast on the paper is at least 4.5 : 1 (WCAG 2.2, 1.4.3). */
export const editorTheme = { light: 'heyan-light', dark: 'heyan-dark' };

interface Ink {
  paper: string;
  raised: string;
  accent: string;
  text: string;
  faint: string;
  field: string;
  name: string;
  value: string;
  number: string;
}

const light: Ink = {
  paper: '#ffffff',
  raised: '#ffffff',
  accent: '#1f5a86',
  text: '#26313d',
  faint: '#5d6975',
  field: '#1f4e79',
  name: '#6b4a8e',
  value: '#8a3b2a',
  number: '#1d6b57',
};

const dark: Ink = {
  paper: '#161b22',
  raised: '#1d242d',
  accent: '#7fb6e0',
  text: '#d7dee6',
  faint: '#8d99a6',
  field: '#9ac7ea',
  name: '#c7aee6',
  value: '#e8a794',
  number: '#86d0b8',
};

export const themes = [
  { name: editorTheme.light, data: themeOf('vs', light) },
  { name: editorTheme.dark, data: themeOf('vs-dark', dark) },
];

function themeOf(base: editor.BuiltinTheme, ink: Ink): editor.IStandaloneThemeData {
  const rule = (token: string, color: string, fontStyle = '') => ({ token, foreground: color.slice(1), fontStyle });
  return {
    base,
    inherit: true,
    rules: [
      rule('', ink.text),
      rule('comment', ink.faint),
      rule('keyword.gql', ink.name),
      rule('key.identifier.gql', ink.field),
      rule('argument.identifier.gql', ink.number),
      rule('type.identifier.gql', ink.value),
      rule('string', ink.value),
      rule('number', ink.number),
      rule('string.key.json', ink.field),
      rule('string.value.json', ink.value),
      rule('number.json', ink.number),
      rule('keyword.json', ink.name),
    ],
    colors: {
      'editor.background': '#00000000',
      'editor.foreground': ink.text,
      'editorLineNumber.foreground': ink.faint,
      'editorLineNumber.activeForeground': ink.text,
      ...brackets(ink.faint),
      'editorWidget.background': ink.raised,
      'editorHoverWidget.background': ink.raised,
      'editorSuggestWidget.background': ink.raised,
      'editorSuggestWidget.selectedBackground': `${ink.accent}22`,
      'editorSuggestWidget.selectedForeground': ink.text,
      'editorSuggestWidget.highlightForeground': ink.accent,
      'editorSuggestWidget.focusHighlightForeground': ink.accent,
      'editorLink.activeForeground': ink.accent,
      'list.hoverBackground': `${ink.accent}14`,
      'quickInput.background': ink.raised,
      'menu.background': ink.raised,
      'menu.selectionBackground': `${ink.accent}22`,
      'menu.selectionForeground': ink.text,
      'input.background': ink.paper,
      'textLink.foreground': ink.accent,
      'scrollbar.shadow': '#00000000',
      focusBorder: ink.accent,
    },
  };
}

/** All brackets alike: six colours of them shout louder than the data. */
function brackets(color: string): editor.IColors {
  return Object.fromEntries([1, 2, 3, 4, 5, 6].map((n) => [`editorBracketHighlight.foreground${n}`, color]));
}
