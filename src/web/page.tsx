import { lazy, StrictMode, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { Bilingual } from './bilingual';
import { ConnectionBar } from './connection-bar';
import { useSession } from './session';
import { Welcome } from './welcome';

// The editor is most of the page's weight: it is fetched at once, but nothing waits for it until there is a connection.
const workspace = import('./workspace');
const Workspace = lazy(() => workspace);

function Page() {
  const session = useSession();
  return (
    <>
      <ConnectionBar session={session} />
      {session.hasOpened ? (
        <Suspense fallback={<Opening />}>
          <Workspace session={session} />
        </Suspense>
      ) : (
        <Welcome purpose={session.credentials.purpose} />
      )}
    </>
  );
}

function Opening() {
  return (
    <main className="opening">
      <Bilingual en="Opening the workspace…" zh="正在打开工作区…" />
    </main>
  );
}

const place = document.getElementById('page');
if (!place) throw new Error('index.html has no element with the id "page"');
createRoot(place).render(
  <StrictMode>
    <Page />
  </StrictMode>,
);
