/** Tasks in order, some of which must wait; all tasks after a waiting one wait, too. */
export interface WaitingLine {
  readonly isEmpty: boolean
  /** @param isReady polled until true; `act` is then called once */
  add(isReady: () => boolean, act: () => void): void
  /** Runs the tasks that are ready. Call it whenever one may have become ready. */
  advance(): void
}

interface Waiting {
  readonly isReady: () => boolean
  readonly act: () => void
}

export function waitingLine(): WaitingLine {
  let line: Waiting[] = []
  let done = 0
  let advancing = false

  function advance(): void {
    if (advancing) return
    advancing = true
    try {
      for (let first = line[done]; first?.isReady(); first = line[done]) {
        done += 1
        first.act()
      }
    } finally {
      advancing = false
      line = line.slice(done)
      done = 0
    }
  }

  return {
    get isEmpty() {
      return line.length === 0
    },
    add(isReady, act) {
      line.push({ isReady, act })
    },
    advance,
  }
}
