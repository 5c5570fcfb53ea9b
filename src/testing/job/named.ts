/**
 * Finds a source or sink of a job by the source or sink itself, its id or its topic; the only one
 * needs no name.
 */
import { FatalError } from '../../errors.ts'
import type { OperatorId } from '../../record.ts'

export interface Named {
  readonly id: OperatorId
  /** Topics that it reads or writes, if they have names. */
  readonly topics: readonly string[]
}

/** @throws NO_SUCH_SOURCE or NO_SUCH_SINK, with a list of what exists */
export function find<A extends Named>(kind: 'source' | 'sink', all: readonly A[], wanted?: string | { id: string }): A {
  const name = typeof wanted === 'object' ? wanted.id : wanted
  const found = name === undefined ? all : called(name, all)
  if (found.length === 1) return found[0] as A
  throw notOne(kind, name, found, all)
}

function called<A extends Named>(name: string, all: readonly A[]): readonly A[] {
  const withId = all.filter(({ id }) => id === name)
  return withId.length > 0 ? withId : all.filter(({ topics }) => topics.includes(name))
}

function notOne(
  kind: 'source' | 'sink',
  name: string | undefined,
  found: readonly Named[],
  all: readonly Named[],
): FatalError {
  const count = found.length === 0 ? `no ${kind}` : `${found.length} ${kind}s`
  const what = `the job has ${count}${name === undefined ? '' : ` "${name}"`}`
  const list = all.map(({ id, topics }) => [id, ...topics].map((one) => `"${one}"`).join(' or '))
  return new FatalError(kind === 'source' ? 'NO_SUCH_SOURCE' : 'NO_SUCH_SINK', what, {
    hint: `Name one of these: ${list.join(', ')}`,
  })
}
