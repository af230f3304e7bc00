import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect, useState } from 'react';
import { findingIn, forFinding, isAboutFinding, personOfFirstFinding } from './answer';
import { Bilingual } from './bilingual';
import { savedQueries } from './saved-queries';
import type { SavedQuery } from './saved-query';
import { readStartLink, withExamples } from './start-link';

/** The saved queries as this page shows them. */
export const shownQueries = withExamples(savedQueries, readStartLink(location.hash));

/** GraphiQL shows the title as tooltip and name of the button. */
export const savedQueryPanel = { title: 'Saved queries 常用查询', icon: ListIcon, content: SavedQueryList };

/** The width at which workspace.css lays the panel over the work. */
const panelCoversWork = '(max-width: 1020px)';

function ListIcon() {
  return (
    <svg
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <path d="M7 3.5h10a1.5 1.5 0 0 1 1.5 1.5v15.5L12 16.5l-6.5 4V5A1.5 1.5 0 0 1 7 3.5z" strokeLinejoin="round" />
      <path d="M9 8h6M9 11.5h4" />
    </svg>
  );
}

function SavedQueryList() {
  const { open, current, answer } = useOpening();
  const person = personOfFirstFinding(answer);
  const finding = findingIn(answer);
  const personQuery = shownQueries[0] as SavedQuery;
  const findingQuery = shownQueries.find(isAboutFinding) as SavedQuery;

  /** From a finding on the screen to what is behind it; a list says of none of its findings that it is the one meant. */
  function openFrom(saved: SavedQuery): void {
    if (finding && isAboutFinding(saved)) open(saved, forFinding(saved, finding), !finding.isFirstOfList);
    else open(saved, saved.variables);
  }

  return (
    <section className="saved" aria-label={savedQueryPanel.title}>
      <h2>
        <Bilingual en="Saved queries" zh="常用查询" />
      </h2>
      <ul>
        {shownQueries.map((saved) => (
          <li key={saved.operation} data-current={saved.operation === current}>
            <button type="button" onClick={() => openFrom(saved)}>
              <span className="title" lang="en">
                {saved.en}
              </span>
              <span className="title" lang="zh-CN">
                {saved.zh}
              </span>
            </button>
            <p>
              <Bilingual {...saved.about} />
            </p>
            {saved.operation === 'Findings' && (
              <>
                <button
                  type="button"
                  className="link"
                  disabled={!finding?.isFirstOfList}
                  onClick={() => finding && open(findingQuery, forFinding(findingQuery, finding), true)}
                >
                  <Bilingual en="See the first finding with its history →" zh="查看首条疑点详情" />
                </button>
                <button
                  type="button"
                  className="link"
                  disabled={!person}
                  onClick={() => open(personQuery, { id: person }, true)}
                >
                  <Bilingual en="See the person of the first finding →" zh="查看首条疑点的当事人" />
                </button>
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Opens a saved query in its own tab, and runs it unless it changes something. A tab already open keeps what was changed in it, unless `isReplaced`. */
function useOpening() {
  const actions = useGraphiQLActions();
  const { tabs, activeTabIndex, queryEditor, variableEditor, operationName } = useGraphiQL((state) => ({
    tabs: state.tabs,
    activeTabIndex: state.activeTabIndex,
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
    operationName: state.operationName,
  }));
  const [awaited, setAwaited] = useState<string | null>(null);

  // GraphiQL reads the operation's name from the text a moment after the text changed; to run sooner would send the old name.
  useEffect(() => {
    if (awaited === null || awaited !== operationName) return;
    setAwaited(null);
    actions.run();
    if (matchMedia(panelCoversWork).matches) actions.setVisiblePlugin(null);
  }, [awaited, operationName, actions]);

  function open(saved: SavedQuery, variables: object, isReplaced = false): void {
    const index = tabs.findIndex((tab) => tab.title === saved.operation);
    if (index < 0 && queryEditor?.getValue().trim()) actions.addTab();
    if (index >= 0 && index !== activeTabIndex) actions.changeTab(index);
    if (index < 0) queryEditor?.setValue(saved.query);
    if (index < 0 || isReplaced) variableEditor?.setValue(JSON.stringify(variables, null, 2));
    setAwaited(saved.changes ? null : saved.operation);
  }

  const active = tabs[activeTabIndex];
  return { open, current: active?.title, answer: active?.response ?? '' };
}
