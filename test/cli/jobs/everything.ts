/** A job with a node of every kind, in memory. */

import { map as rxMap, tap } from 'rxjs'
import {
  boundedOutOfOrderness,
  connect,
  deadLetter,
  defineJob,
  filter,
  keyBy,
  lift,
  map,
  mapState,
  memorySink,
  memorySource,
  merge,
  type Source,
  scan,
  share,
  sideOutput,
  split,
  to,
  tumbling,
  window,
} from 'rxweft'

function named<T>(source: Source<T>, id: string): Source<T> {
  return { ...source, id }
}

interface Click {
  readonly user: string
  readonly at: number
}

export const job = defineJob(
  'everything',
  ({ from }) => {
    const clicks = named(memorySource<Click>([]), 'clicks')
    const late = sideOutput<Click>()
    const all = from(clicks, boundedOutOfOrderness(1_000)).pipe(keyBy(({ user }) => user))
    const { mobile, rest } = split(all, { mobile: ({ user }) => user > 'm' })
    const counted = all.pipe(
      window(tumbling(60_000), { late }).reduce((a) => a, { id: 'minutes' }),
      share(),
    )
    const ruled = merge(mobile, rest).pipe(
      keyBy(({ user }) => user),
      connect(
        from(named(memorySource(['a']), 'rules'), undefined, { everywhere: true }),
        { broadcast: mapState<string, string>(), onBroadcast: () => undefined, onElement: ({ at }) => [at] },
        { id: 'ruled' },
      ),
    )
    return [
      counted.pipe(map(String), to(memorySink<string>({ id: 'counts' }))),
      counted.pipe(
        filter(() => true),
        lift(rxMap(String)),
        to(memorySink<string>({ id: 'filtered' })),
      ),
      late.pipe(tap() as never, to(memorySink<Click>({ id: 'late' }))),
      ruled.pipe(
        scan((sum, at) => sum + at, 0, { id: 'sum' }),
        to(memorySink<number>({ id: 'sums' })),
      ),
    ]
  },
  { onError: deadLetter(memorySink({ id: 'letters' })) },
)
