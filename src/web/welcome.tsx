import { useState } from 'react';
import { Bilingual } from './bilingual';
import { savedQueries } from './saved-queries';
import { tokenCommand } from './start-link';

/** What one sees before there is a connection: what this is, and how to get in. */
export function Welcome({ purpose }: { purpose: string }) {
  return (
    <main className="welcome">
      <h2>
        <span lang="en">One query across the bureaus, on the record.</span>
        <span lang="zh-CN">跨部门数据核验，一处查询，全程留痕。</span>
      </h2>
      <ol className="steps">
        <li>
          <p>
            <Bilingual
              en="Get an access token for your agency, from its administrator or on the hub’s own machine:"
              zh="向本单位管理员申领访问令牌，或在核验服务器上执行："
            />
          </p>
          <Command text={tokenCommand(purpose)} />
        </li>
        <li>
          <p>
            <Bilingual
              en="Paste it above, and choose the purpose you act under. Each answer is kept in the audit log with agency and purpose."
              zh="将令牌粘贴到上方，并选择查询用途。每次查询均连同单位和用途记入审计日志。"
            />
          </p>
        </li>
        <li>
          <p>
            <Bilingual en="Connect, and start from one of the saved queries:" zh="连接后，可从常用查询开始：" />
          </p>
          <ul className="preview">
            {savedQueries.map(({ operation, en, zh }) => (
              <li key={operation}>
                <Bilingual en={en} zh={zh} />
              </li>
            ))}
          </ul>
        </li>
      </ol>
      <p className="note">
        <Bilingual
          en="Token, queries and answers stay in this browser tab and are gone when it closes."
          zh="令牌、查询与结果仅保存在当前浏览器标签页，关闭即清除。"
        />
      </p>
    </main>
  );
}

function Command({ text }: { text: string }) {
  const [isCopied, setCopied] = useState(false);
  async function copy(): Promise<void> {
    // Without HTTPS the browser offers no clipboard; the command can still be selected by hand.
    await navigator.clipboard?.writeText(text);
    setCopied(Boolean(navigator.clipboard));
  }
  return (
    <div className="command">
      <code>{text}</code>
      <button type="button" onClick={copy}>
        {isCopied ? <Bilingual en="Copied" zh="已复制" /> : <Bilingual en="Copy" zh="复制" />}
      </button>
    </div>
  );
}
