import { type FocusEvent, type FormEvent, useState } from 'react';
import { Bilingual } from './bilingual';
import { type Credentials, timeText } from './connection';
import { purposes } from './purposes';
import type { Session } from './session';
import { readToken } from './token';

const otherPurpose = 'OTHER';

function isSame(a: Credentials, b: Credentials): boolean {
  return a.token === b.token && a.purpose === b.purpose && a.caseNumber === b.caseNumber;
}

/** The header: who asks, for which purpose, in which case, and how the connection stands. */
export function ConnectionBar({ session }: { session: Session }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <header className="bar" data-open={isOpen || !session.hasOpened}>
      <div className="brand">
        <span className="seal" lang="zh-CN" aria-hidden="true">
          核验
        </span>
        <h1>
          <span lang="zh-CN">核验</span> <span lang="en">Heyan</span>
        </h1>
      </div>
      <Fields session={session} />
      <StateLine session={session} />
      {session.hasOpened && (
        <button type="button" className="unfold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? <Bilingual en="Fold" zh="收起" /> : <Bilingual en="Change" zh="更改" />}
        </button>
      )}
    </header>
  );
}

function Fields({ session }: { session: Session }) {
  const [draft, setDraft] = useState(session.credentials);
  const change = (part: Partial<Credentials>) => setDraft({ ...draft, ...part });

  function apply(): void {
    const next = { token: draft.token.trim(), purpose: draft.purpose.trim(), caseNumber: draft.caseNumber.trim() };
    setDraft(next);
    session.connect(next);
  }

  // Leaving a changed field applies it, so that a query never runs under a purpose other than the one on the screen.
  function applyWhenLeft(event: FocusEvent<HTMLFormElement>): void {
    if (event.target.tagName !== 'BUTTON' && !isSame(draft, session.credentials)) apply();
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (session.state.kind !== 'connecting') apply();
  }

  return (
    <form className="fields" onSubmit={submit} onBlur={applyWhenLeft} autoComplete="off">
      <label className="field token">
        <Bilingual en="Access token" zh="访问令牌" />
        <input
          type="password"
          name="token"
          value={draft.token}
          onChange={(event) => change({ token: event.target.value })}
          autoComplete="off"
          spellCheck={false}
        />
      </label>
      <PurposeField purpose={draft.purpose} onChange={(purpose) => change({ purpose })} />
      <label className="field case">
        <Bilingual en="Case" zh="案件编号" />
        <input
          name="case"
          value={draft.caseNumber}
          onChange={(event) => change({ caseNumber: event.target.value })}
          placeholder="optional 选填"
          spellCheck={false}
        />
      </label>
      <Acts session={session} />
    </form>
  );
}

function Acts({ session }: { session: Session }) {
  const isConnected = session.state.kind === 'connected';
  return (
    <div className="acts">
      <button type="submit" className="primary">
        {isConnected ? <Bilingual en="Refresh" zh="刷新" /> : <Bilingual en="Connect" zh="连接" />}
      </button>
      {session.credentials.token && (
        <button type="button" onClick={session.forget}>
          <Bilingual en="Clear" zh="清除" />
        </button>
      )}
    </div>
  );
}

function PurposeField({ purpose, onChange }: { purpose: string; onChange(purpose: string): void }) {
  const isListed = purposes.some(({ code }) => code === purpose);
  const [isOther, setOther] = useState(Boolean(purpose) && !isListed);
  return (
    <div className="field purpose">
      <label htmlFor="purpose">
        <Bilingual en="Purpose" zh="用途" />
      </label>
      <div className="choice">
        <select
          id="purpose"
          value={isOther ? otherPurpose : purpose}
          onChange={(event) => {
            const isNowOther = event.target.value === otherPurpose;
            setOther(isNowOther);
            onChange(isNowOther ? '' : event.target.value);
          }}
        >
          <option value="" disabled>
            Choose… 请选择
          </option>
          {purposes.map(({ code, en, zh }) => (
            <option key={code} value={code}>{`${zh} ${en}`}</option>
          ))}
          <option value={otherPurpose}>其他 Other…</option>
        </select>
        {isOther && (
          <input
            name="purpose"
            value={purpose}
            onChange={(event) => onChange(event.target.value)}
            aria-label="Purpose code 用途代码"
            placeholder="CODE"
            spellCheck={false}
          />
        )}
      </div>
    </div>
  );
}

function StateLine({ session: { state, credentials } }: { session: Session }) {
  return (
    <p className="state" role="status" data-state={state.kind}>
      <span className="lamp" aria-hidden="true" />
      <span className="words">
        {state.kind === 'idle' && <Bilingual en="Not connected" zh="未连接" />}
        {state.kind === 'idle' && state.missing === 'purpose' && (
          <Bilingual en="· choose a purpose" zh="· 请选择用途" />
        )}
        {state.kind === 'connecting' && <Bilingual en="Connecting…" zh="正在连接…" />}
        {state.kind === 'refused' && <Bilingual {...state.why} />}
        {state.kind === 'connected' && <ConnectedAs credentials={credentials} />}
      </span>
    </p>
  );
}

function ConnectedAs({ credentials }: { credentials: Credentials }) {
  const { agency, officer, expiresAt } = readToken(credentials.token);
  const purpose = purposes.find(({ code }) => code === credentials.purpose);
  return (
    <>
      <Bilingual en="Connected as" zh="已连接为" /> <strong>{agency ?? 'token holder'}</strong>
      {officer && <> · {officer}</>} · {purpose ? `${purpose.en} ${purpose.zh}` : credentials.purpose}
      {expiresAt && (
        <>
          {' '}
          · <Bilingual en="until" zh="有效至" /> <time>{timeText(expiresAt)}</time>
        </>
      )}
    </>
  );
}
