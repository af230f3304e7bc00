/** Work that is done again and again while a process serves. */
export interface Rounds {
  /** Begins the next round at once. */
  wake(): void;
  /** No further round; waits for the one under way. May be called twice. */
  stop(): Promise<void>;
}

export interface RoundsOptions {
  everyMilliseconds: number;
  /** Told when a round fails, and not again for the same reason before one has gone well. */
  tell(reason: string): void;
}

/** Begins at once. A round that throws is told and does not end the rounds. */
export function inRounds(round: () => Promise<void>, { everyMilliseconds, tell }: RoundsOptions): Rounds {
  let isStopping = false;
  let isAwake = false;
  let rouse = () => {
    isAwake = true;
  };
  let told: string | undefined;

  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, isAwake || isStopping ? 0 : everyMilliseconds);
      rouse = () => {
        isAwake = true;
        clearTimeout(timer);
        resolve();
      };
    });

  async function run(): Promise<void> {
    while (!isStopping) {
      isAwake = false;
      try {
        await round();
        told = undefined;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (reason !== told) tell(reason);
        told = reason;
      }
      await pause();
    }
  }

  const ended = run();
  return {
    wake: () => rouse(),
    stop() {
      isStopping = true;
      rouse();
      return ended;
    },
  };
}
