import { systemClock } from '../clock.ts'
import { slot } from './model/marbleTrack.ts'
import { pageModel } from './model/pageModel.ts'
import type { Shown } from './shown.ts'
import type { Subject } from './subject.ts'
import type { View } from './view.ts'

const parts: readonly (keyof View)[] = ['job', 'graph', 'figures', 'checkpoints', 'incidents', 'aside', 'marbles']

/** Page of a job whose events and metrics are at hand. */
export function shownJob(subject: Subject): Shown {
  const now = (): number => systemClock.now()
  const model = pageModel(subject, now())
  return {
    parts,
    part: (part) => (part === 'cluster' ? undefined : model.part(part)),
    watch: (changed) => subject.watch((event) => changed(model.tell(event, now()))),
    async read() {
      const values = await subject.metrics().catch(() => [])
      return () => model.read({ at: now(), values })
    },
    interval: slot,
    pause: model.pause,
    stopping(asked) {
      model.stopping(asked)
      return ['job']
    },
    stop: subject.stop,
    savepoint: subject.savepoint,
  }
}
