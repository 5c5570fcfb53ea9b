/** States of all operators of one attempt. */
import type { AttemptContext } from '../attempt.ts'
import { FatalError } from '../errors.ts'
import type { OperatorId } from '../record.ts'
import { type Disk, type LoadableStore, operatorStore, type TableContents } from './operatorStore.ts'
import type { StateTables } from './store.ts'

export type AllowDroppedState = AttemptContext['allowDroppedState']

/** Tells whether the state of an operator may be dropped. */
export function droppable(allowed: AllowDroppedState): (operator: OperatorId) => boolean {
  return (operator) => (typeof allowed === 'boolean' ? allowed : allowed.includes(operator))
}

/**
 * @param disk null to keep everything in memory
 * @param kept what the operators begin with
 */
export function states(
  allowDropped: AllowDroppedState = false,
  disk: Disk | null = null,
  kept: ReadonlyMap<OperatorId, TableContents> = new Map(),
): StateTables {
  const stores = new Map<OperatorId, LoadableStore>()
  const mayDrop = droppable(allowDropped)

  function renewed(keeping: ReadonlySet<OperatorId>): StateTables {
    const its = [...stores].filter(([operator]) => keeping.has(operator))
    return states(allowDropped, null, new Map(its.map(([operator, store]) => [operator, store.contents()])))
  }

  return {
    ...(disk === null ? { renewed } : {}),
    get operators() {
      return stores.keys()
    },
    open(operator) {
      if (stores.has(operator)) throw duplicate(operator)
      const store = operatorStore(operator, mayDrop(operator), disk, kept.get(operator))
      stores.set(operator, store)
      return store
    },
    claims(operator) {
      if (stores.has(operator)) return true
      if (mayDrop(operator)) return false
      throw unclaimed(operator)
    },
    load: (operator, block) => stores.get(operator)?.load(block),
    async loaded(checkpoint, since) {
      await disk?.restored()
      for (const [operator, store] of stores) store.loaded(since.get(operator) ?? checkpoint + 1)
    },
    sizes: () => [...stores.values()].flatMap((store) => store.sizes()),
    close: async () => undefined,
  }
}

function duplicate(operator: OperatorId): FatalError {
  return new FatalError('DUPLICATE_ID', `two operators with state have the id "${operator}"`, {
    where: { operator },
    hint: 'Give one of them another id. If several branches read one operator, put share() behind it',
  })
}

function unclaimed(operator: OperatorId): FatalError {
  return new FatalError('STATE_UNCLAIMED', `the snapshot has state of "${operator}", which the job no longer has`, {
    where: { operator },
    hint: `Restore the operator or its previous id, or name that id in renamedFrom. To lose the state on purpose: defineJob(..., { allowDropped: { state: ['${operator}'] } })`,
  })
}
