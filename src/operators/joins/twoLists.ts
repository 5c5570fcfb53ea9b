/** Contents of a window over two streams: the elements of each, in a list of its own. */
import { type Key, withValue } from '../../record.ts'
import { plainSpec } from '../../state/stateOptions.ts'
import type { Contents } from '../windows/contents.ts'
import type { List } from '../windows/elementList.ts'
import type { WindowInfo } from '../windows/windowAggregator.ts'

/** Element of one of the streams. */
export type Sided<L, R> = { readonly from: 'left'; readonly value: L } | { readonly from: 'right'; readonly value: R }

/** Lists of both sides; a side without elements has no list. */
export interface TwoLists {
  readonly left?: List
  readonly right?: List
}

/** @param f receives both lists, one of which may be empty */
export function twoLists<L, R, K extends Key, O>(
  left: Contents<L, K, List, readonly L[]>,
  right: Contents<R, K, List, readonly R[]>,
  f: (lefts: readonly L[], rights: readonly R[], about: WindowInfo<K>) => O,
): Contents<Sided<L, R>, K, TwoLists, O> {
  return {
    add(lists = {}, record, name) {
      const { value } = record
      return value.from === 'left'
        ? { ...lists, left: left.add(lists.left, withValue(record, value.value), name) }
        : { ...lists, right: right.add(lists.right, withValue(record, value.value), name) }
    },
    merge: (earlier, later) => ({
      ...mergedOf('left', earlier, later, left),
      ...mergedOf('right', earlier, later, right),
    }),
    result(lists, about) {
      const lefts = lists.left === undefined ? [] : left.result(lists.left, about)
      const rights = lists.right === undefined ? [] : right.result(lists.right, about)
      return f(lefts, rights, about)
    },
    drop(lists) {
      if (lists.left !== undefined) left.drop(lists.left)
      if (lists.right !== undefined) right.drop(lists.right)
    },
    spec: plainSpec<TwoLists>({}),
  }
}

function mergedOf(
  side: 'left' | 'right',
  { [side]: earlier }: TwoLists,
  { [side]: later }: TwoLists,
  lists: Pick<Contents<never, never, List, unknown>, 'merge'>,
): TwoLists {
  const list = earlier === undefined || later === undefined ? (earlier ?? later) : lists.merge(earlier, later)
  return list === undefined ? {} : { [side]: list }
}
