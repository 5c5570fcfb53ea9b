/** Tasks in order, some of which must wait: everything behind a waiting task waits, too. */
export interface WaitingLine {
  readonly isEmpty: boolean
  /** @param isReady asked until it is true; then `act` is called, once */
  add(isReady: () => boolean, act: () => void): void
  /** Does what is ready. To be called whenever something may have become so. */
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
