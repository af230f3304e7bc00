import { DOC_EXPLORER_PLUGIN } from '@graphiql/plugin-doc-explorer';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { useGraphiQLActions } from '@graphiql/react';
import type { Fetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import * as monaco from 'monaco-graphql/esm/monaco-editor.js';
import { useEffect, useMemo, useState } from 'react';
import { underItsOwnName } from './operation-name';
import { editorTheme, themes } from './palette';
import { Receipt } from './receipt';
import { savedQueryPanel, shownQueries } from './saved-query-list';
import type { Session } from './session';

declare const WORKER_NAMES: Record<string, string>;

// Workers are files of our own origin beside this one, so that no policy has to allow blob: or eval.
self.MonacoEnvironment = {
  getWorker(_id: string, label: string) {
    const name = WORKER_NAMES[`${label}.worker`] ?? WORKER_NAMES['editor.worker'];
    return new Worker(new URL(name as string, import.meta.url), { name: label });
  },
};

for (const theme of themes) monaco.editor.defineTheme(theme.name, theme.data);

const plugins = [savedQueryPanel, HISTORY_PLUGIN];

/** A fresh browser tab starts with the first saved query; one that was reloaded goes on where it was. */
function beginning() {
  const { query, variables } = tabLeftOpen() ?? {
    query: shownQueries[0]?.query,
    variables: JSON.stringify(shownQueries[0]?.variables, null, 2),
  };
  return { initialQuery: query ?? '', initialVariables: variables ?? '' };
}

/** GraphiQL remembers its tabs, but would show the active one without its variables. */
function tabLeftOpen(): { query: string | null; variables: string | null } | null {
  try {
    const { tabs, activeTabIndex } = JSON.parse(sessionStorage.getItem('graphiql:tabState') ?? '');
    return tabs[activeTabIndex] ?? null;
  } catch {
    return null;
  }
}

/** GraphiQL, told by us which schema there is, so that it never asks before there is a token. */
export default function Workspace({ session }: { session: Session }) {
  const { send, schema } = session;
  const [start] = useState(beginning);
  const fetcher = useMemo(() => ((operation) => send(underItsOwnName(operation))) as Fetcher, [send]);
  return (
    <main className="workspace" aria-label="GraphiQL">
      <GraphiQL
        fetcher={fetcher}
        schema={schema}
        dangerouslyAssumeSchemaIsValid
        plugins={plugins}
        referencePlugin={DOC_EXPLORER_PLUGIN}
        visiblePlugin={savedQueryPanel.title}
        {...start}
        isHeadersEditorEnabled={false}
        showPersistHeadersSettings={false}
        defaultEditorToolsVisibility="variables"
        forcedTheme="system"
        editorTheme={editorTheme}
        // Queries hold identity numbers: they must not outlive the browser tab, so never localStorage.
        storage={sessionStorage}
      >
        <GraphiQL.Logo>
          <span />
        </GraphiQL.Logo>
        <GraphiQL.Footer>
          <Receipt />
        </GraphiQL.Footer>
        <FollowSystem />
        <RefreshKey session={session} />
      </GraphiQL>
    </main>
  );
}

/** GraphiQL colours its editors once; this repeats it when the system turns light or dark. */
function FollowSystem() {
  const { setTheme } = useGraphiQLActions();
  useEffect(() => {
    const darkness = matchMedia('(prefers-color-scheme: dark)');
    const follow = () => setTheme(null);
    darkness.addEventListener('change', follow);
    return () => darkness.removeEventListener('change', follow);
  }, [setTheme]);
  return null;
}

/** Shift-Ctrl-R reads the schema anew, as GraphiQL's list of keys promises. */
function RefreshKey({ session: { connect, credentials } }: { session: Session }) {
  useEffect(() => {
    const refresh = (event: KeyboardEvent) => {
      if (event.ctrlKey && event.key === 'R') connect(credentials);
    };
    addEventListener('keydown', refresh);
    return () => removeEventListener('keydown', refresh);
  }, [connect, credentials]);
  return null;
}
