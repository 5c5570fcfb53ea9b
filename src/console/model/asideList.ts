/** Dead letters, skipped and late records, in checkpoints committed since the page watches. */
import type { WatchedEvent } from '../subject.ts'
import type { SetAside } from '../view.ts'
import type { Reading } from './figures.ts'

export interface AsideList {
  /** Returns whether anything has changed. */
  tell(event: WatchedEvent): boolean
  /** Takes the counts by operator, which the events lack; null: they are unknown. */
  read(reading: Reading | null): void
  readonly all: readonly SetAside[]
}

export function asideList(): AsideList {
  const byOperator = new Map<string, SetAside>()

  function add(operator: string, more: Partial<SetAside>): true {
    const known = byOperator.get(operator) ?? none(operator)
    byOperator.set(operator, {
      operator,
      late: known.late + (more.late ?? 0),
      skipped: known.skipped + (more.skipped ?? 0),
      deadLetters: known.deadLetters + (more.deadLetters ?? 0),
      reason: more.reason ?? known.reason,
    })
    return true
  }

  let counted: ReadonlyMap<string, Pick<SetAside, 'skipped' | 'deadLetters'>> = new Map()

  return {
    get all() {
      const named = new Set([...byOperator.keys(), ...counted.keys()])
      return [...named].map((operator) => ({
        ...(byOperator.get(operator) ?? none(operator)),
        ...(counted.get(operator) ?? {}),
      }))
    },
    read(reading) {
      counted = reading === null ? new Map() : countsOf(reading)
    },
    tell(event) {
      if (event.type === 'bad-records') return add('', { skipped: event.skipped, deadLetters: event.deadLetters })
      if (event.type === 'record-skipped') return add(event.operator, { reason: event.error })
      if (event.type !== 'late-records') return false
      for (const [operator, late] of Object.entries(event.operators)) add(operator, { late })
      return true
    },
  }
}

/** Records that are read again after a restart count again. */
function countsOf({ values }: Reading): ReadonlyMap<string, Pick<SetAside, 'skipped' | 'deadLetters'>> {
  const found = new Map<string, { skipped: number; deadLetters: number }>()
  for (const { name, labels, value } of values) {
    if (name !== 'operator.skipped' && name !== 'operator.deadletters') continue
    const { operator = '' } = labels
    const known = found.get(operator) ?? { skipped: 0, deadLetters: 0 }
    known[name === 'operator.skipped' ? 'skipped' : 'deadLetters'] += value
    if (value > 0) found.set(operator, known)
  }
  return found
}

function none(operator: string): SetAside {
  return { operator, late: 0, skipped: 0, deadLetters: 0, reason: null }
}
