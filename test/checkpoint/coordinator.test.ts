import { describe, expect, test } from 'vitest'
import { type Command, type CoordinatorEvent, initialState, step } from '../../src/checkpoint/coordinator.ts'
import { type CheckpointSettings, checkpointSettings } from '../../src/checkpoint/settings.ts'
import { RetriableError } from '../../src/openErrors.ts'

/** Feeds events to the reducer and answers what each of them commands, shortly: "trigger 1", "final 2", "wake 100". */
function coordinator(settings: Partial<CheckpointSettings>, last = 0, startedAt = 0) {
  let state = initialState(checkpointSettings(settings))
  const raw = (event: CoordinatorEvent): readonly Command[] => {
    const next = step(state, event)
    state = next.state
    return next.commands
  }
  const send = (event: CoordinatorEvent): string[] => raw(event).map(short)
  return {
    raw,
    begin: (soon = false) => send({ type: 'started', now: startedAt, last, soon }),
    tick: (now: number) => send({ type: 'tick', now }),
    prepared: (checkpoint: number) => send({ type: 'prepared', checkpoint }),
    skipped: (checkpoint: number) => send({ type: 'skipped', checkpoint }),
    active: (now: number) => send({ type: 'active', now }),
    stored: (checkpoint: number) => send({ type: 'stored', checkpoint }),
    committed: (checkpoint: number, now: number) => send({ type: 'committed', checkpoint, now }),
    stop: (now: number) => send({ type: 'stopRequested', now }),
    exhausted: (now: number) => send({ type: 'exhausted', now }),
    /** All that one checkpoint needs, at once. */
    complete(checkpoint: number, now: number) {
      send({ type: 'prepared', checkpoint })
      send({ type: 'stored', checkpoint })
      return send({ type: 'committed', checkpoint, now })
    },
  }
}

function short(command: Command): string {
  if (command.type === 'trigger') return `${command.final ? 'final' : 'trigger'} ${command.checkpoint}`
  if (command.type === 'wake') return `wake ${command.at}`
  if (command.type === 'fail') return `fail ${command.error.code}`
  return command.type === 'finish' ? 'finish' : `${command.type} ${command.checkpoint}`
}

test('the first checkpoint after a hand-over waits for the first records only', () => {
  const one = coordinator({ interval: 100 }, 7)
  expect(one.begin(true)).toEqual(['wake 20'])
  expect(one.tick(20)).toEqual(['wake 60020', 'trigger 8'])
  expect(one.complete(8, 30)).toEqual(['wake 120'])
  expect(coordinator({ interval: 5 }).begin(true)).toEqual(['wake 5'])
})

describe('a checkpoint in which nothing has happened', () => {
  const optional = (one: ReturnType<typeof coordinator>, now: number) =>
    one.raw({ type: 'tick', now }).flatMap((command) => (command.type === 'trigger' ? [command.optional] : []))

  /** It has committed checkpoint 1 at 110, and skipped checkpoint 2 at 200. */
  function resting() {
    const one = coordinator({ interval: 100 })
    one.begin()
    one.tick(100)
    one.complete(1, 110)
    one.tick(200)
    one.skipped(2)
    return one
  }

  test('may be skipped once the attempt has committed one, for a minute', () => {
    const one = coordinator({ interval: 100, timeout: 1_000 })
    one.begin()
    expect(optional(one, 100)).toEqual([false])
    one.complete(1, 110)
    expect(optional(one, 200)).toEqual([true])
    expect(one.skipped(2)).toEqual(['wake 60200'])
    expect(optional(one, 60_200)).toEqual([false])
  })

  test('is followed by a rest, at whose end the next one comes when it would have come without', () => {
    const one = resting()
    expect(one.active(1_234)).toEqual(['wake 1300'])
    expect(one.active(1_240)).toEqual([])
    expect(one.tick(1_300)).toContain('trigger 2')
    expect(one.complete(2, 1_310)).toEqual(['wake 1400'])
    expect(one.active(1_320)).toEqual([])
  })

  test('is due at once if something happens exactly then', () => {
    const one = resting()
    expect(one.active(500)).toEqual(['wake 500'])
    expect(optional(one, 500)).toEqual([true])
  })

  test('counts the minute and the pause from a commit that comes during the rest', () => {
    const one = coordinator({ interval: 100, maxConcurrent: 2, minPause: 250 })
    one.begin()
    one.tick(100)
    one.complete(1, 110)
    one.tick(360)
    one.tick(460)
    one.skipped(3)
    one.prepared(2)
    one.stored(2)
    one.committed(2, 500)
    expect(one.active(510)).toEqual(['wake 750'])
    expect(optional(one, 750)).toEqual([true])
    expect(one.skipped(3)).toEqual(['wake 60550'])
  })

  test('is not skipped by a stop, and its number is given to the next one', () => {
    const one = resting()
    const [, final] = one.raw({ type: 'stopRequested', now: 250 })
    expect(final).toEqual({ type: 'trigger', checkpoint: 2, final: true, optional: false })
  })

  test('cannot be skipped once its barrier has left', () => {
    const one = coordinator({ interval: 100 })
    one.begin()
    one.tick(100)
    expect(one.skipped(2)).toEqual(['fail CHECKPOINT_OUT_OF_ORDER'])
  })
})

describe('when checkpoints start', () => {
  test('the first one starts an interval after the start', () => {
    const one = coordinator({ interval: 100, timeout: 1_000 }, 0, 50)
    expect(one.begin()).toEqual(['wake 150'])
    expect(one.tick(150)).toEqual(['wake 1150', 'trigger 1'])
  })

  test('a tick that comes too early triggers nothing and asks for another one', () => {
    const one = coordinator({ interval: 100 })
    one.begin()
    expect(one.tick(99)).toEqual(['wake 100'])
  })

  test('the ids go on after the checkpoint that was restored', () => {
    const one = coordinator({ interval: 100, timeout: 1_000 }, 41)
    one.begin()
    expect(one.tick(100)).toContain('trigger 42')
    one.complete(42, 110)
    expect(one.tick(200)).toContain('trigger 43')
  })

  test('the interval runs from start to start, whatever the checkpoint takes', () => {
    const one = coordinator({ interval: 100, timeout: 1_000 })
    one.begin()
    one.tick(100)
    expect(one.complete(1, 170)).toEqual(['wake 200'])
  })

  test('the pause runs from the end of one to the start of the next', () => {
    const one = coordinator({ interval: 100, minPause: 60, timeout: 1_000 })
    one.begin()
    one.tick(100)
    expect(one.complete(1, 170)).toEqual(['wake 230'])
    expect(one.tick(200)).toEqual(['wake 230'])
    expect(one.tick(230)).toContain('trigger 2')
  })

  test('a pause that ends before the interval does delays nothing', () => {
    const one = coordinator({ interval: 100, minPause: 60, timeout: 1_000 })
    one.begin()
    one.tick(100)
    expect(one.complete(1, 110)).toEqual(['wake 200'])
  })

  test('one that takes longer than the interval is followed by one at once, not by a burst', () => {
    const one = coordinator({ interval: 100, timeout: 1_000 })
    one.begin()
    one.tick(100)
    expect(one.tick(450)).toEqual(['wake 1100'])
    expect(one.complete(1, 450)).toEqual(['wake 1450', 'trigger 2'])
    expect(one.complete(2, 460)).toEqual(['wake 550'])
  })

  test('with maxConcurrent 1 no other one starts while one is under way', () => {
    const one = coordinator({ interval: 100, timeout: 1_000 })
    one.begin()
    one.tick(100)
    expect(one.tick(200)).toEqual(['wake 1100'])
  })

  test('with maxConcurrent 2 a second one starts after the interval, and a third one does not', () => {
    const one = coordinator({ interval: 100, maxConcurrent: 2, timeout: 1_000 })
    one.begin()
    expect(one.tick(100)).toEqual(['wake 200', 'trigger 1'])
    expect(one.tick(200)).toEqual(['wake 1100', 'trigger 2'])
    expect(one.tick(300)).toEqual(['wake 1100'])
    expect(one.complete(1, 310)).toEqual(['wake 1200', 'trigger 3'])
  })

  test('the timer is set before the trigger, whose performance may send the next event at once', () => {
    const one = coordinator({ interval: 100, timeout: 1_000 })
    one.begin()
    expect(one.tick(100).map((command) => command.split(' ')[0])).toEqual(['wake', 'trigger'])
  })
})

describe('from trigger to commit', () => {
  test('prepared, then stored, then committed', () => {
    const one = coordinator({ interval: 100, timeout: 1_000 })
    one.begin()
    one.tick(100)
    expect(one.prepared(1)).toEqual(['store 1'])
    expect(one.stored(1)).toEqual(['commit 1'])
    expect(one.committed(1, 130)).toEqual(['wake 200'])
  })

  test('snapshots may be stored in any order, commits wait for the one before', () => {
    const one = coordinator({ interval: 100, maxConcurrent: 2, timeout: 1_000 })
    one.begin()
    one.tick(100)
    one.tick(200)
    expect(one.prepared(2)).toEqual(['store 2'])
    expect(one.prepared(1)).toEqual(['store 1'])
    expect(one.stored(2)).toEqual([])
    expect(one.stored(1)).toEqual(['commit 1'])
    expect(one.committed(1, 230)).toContain('commit 2')
  })

  test('the next one is not committed while the one before is still being committed', () => {
    const one = coordinator({ interval: 100, maxConcurrent: 2, timeout: 1_000 })
    one.begin()
    one.tick(100)
    one.tick(200)
    for (const checkpoint of [1, 2]) one.prepared(checkpoint)
    expect(one.stored(1)).toEqual(['commit 1'])
    expect(one.stored(2)).toEqual([])
  })

  test('a checkpoint that failed ends the attempt with its error, and nothing follows', () => {
    const one = coordinator({ interval: 100 })
    one.begin()
    one.tick(100)
    const error = new RetriableError('DISK_FULL', 'no space')
    expect(one.raw({ type: 'failed', checkpoint: 1, error })).toEqual([{ type: 'fail', error }])
    expect([...one.tick(200), ...one.stop(200), ...one.prepared(1)]).toEqual([])
  })

  test('a commit of another checkpoint than the one that was asked for is a mistake', () => {
    const one = coordinator({ interval: 100, maxConcurrent: 2, timeout: 1_000 })
    one.begin()
    one.tick(100)
    one.tick(200)
    one.prepared(1)
    one.stored(1)
    expect(one.committed(2, 210)).toEqual(['fail CHECKPOINT_OUT_OF_ORDER'])
  })

  test.each([
    ['prepared twice', (one: ReturnType<typeof coordinator>) => [one.prepared(1), one.prepared(1)]],
    ['stored before it is prepared', (one: ReturnType<typeof coordinator>) => [one.stored(1)]],
    [
      'committed before it is stored',
      (one: ReturnType<typeof coordinator>) => [one.prepared(1), one.committed(1, 101)],
    ],
    ['prepared without a trigger', (one: ReturnType<typeof coordinator>) => [one.prepared(2)]],
  ])('what is %s is a mistake that ends the attempt', (_what, act) => {
    const one = coordinator({ interval: 100 })
    one.begin()
    one.tick(100)
    expect(act(one).at(-1)).toEqual(['fail CHECKPOINT_OUT_OF_ORDER'])
  })
})

describe('timeout', () => {
  const until = (progress: 'preparing' | 'storing' | 'committing') => {
    const one = coordinator({ interval: 100, timeout: 50 })
    one.begin()
    one.tick(100)
    if (progress !== 'preparing') one.prepared(1)
    if (progress === 'committing') one.stored(1)
    return one
  }

  test('the timer is set to the deadline', () => {
    const one = coordinator({ interval: 100, timeout: 50 })
    one.begin()
    expect(one.tick(100)).toContain('wake 150')
    expect(one.tick(149)).toEqual(['wake 150'])
    expect(one.tick(150)).toEqual(['fail CHECKPOINT_TIMEOUT'])
  })

  test.each([
    ['preparing', 'waiting for a sink'],
    ['storing', 'storing the snapshot'],
    ['committing', 'committing'],
  ] as const)('while %s is Retriable, says so, names the checkpoint and what to set', (progress, text) => {
    const [command] = until(progress).raw({ type: 'tick', now: 150 })
    expect(command).toMatchObject({
      type: 'fail',
      error: { code: 'CHECKPOINT_TIMEOUT', consequence: 'retriable', where: { checkpoint: 1 } },
    })
    const { message } = (command as { error: Error }).error
    expect(message).toContain('50 ms')
    expect(message).toContain(`still ${text}`)
    expect(message).toContain('checkpointing.timeout')
  })

  test('of the older one counts while a younger one is fine', () => {
    const one = coordinator({ interval: 10, timeout: 15, maxConcurrent: 2 })
    one.begin()
    one.tick(10)
    one.tick(20)
    const [command] = one.raw({ type: 'tick', now: 25 })
    expect(command).toMatchObject({ type: 'fail', error: { where: { checkpoint: 1 } } })
  })

  test('of a younger one is seen when the older one is committed, and nothing is committed after it', () => {
    const one = coordinator({ interval: 10, timeout: 15, maxConcurrent: 2 })
    one.begin()
    one.tick(10)
    one.tick(20)
    for (const checkpoint of [1, 2]) {
      one.prepared(checkpoint)
      one.stored(checkpoint)
    }
    expect(one.committed(1, 35)).toEqual(['fail CHECKPOINT_TIMEOUT'])
  })

  test('a commit that answers late, before the tick, counts: it is decided', () => {
    const one = until('committing')
    expect(one.committed(1, 170)).toEqual(['wake 200'])
  })
})

describe('the end', () => {
  test.each(['stop', 'exhausted'] as const)(
    '%s triggers a final checkpoint at once: neither interval nor pause delay it',
    (end) => {
      const one = coordinator({ interval: 100, minPause: 500, timeout: 1_000 })
      one.begin()
      one.tick(100)
      one.complete(1, 110)
      expect(one[end](120)).toEqual(['wake 1120', 'final 2'])
    },
  )

  test('the final one waits for a slot', () => {
    const one = coordinator({ interval: 100, minPause: 500, timeout: 1_000 })
    one.begin()
    one.tick(100)
    expect(one.stop(120)).toEqual([])
    expect(one.complete(1, 130)).toEqual(['wake 1130', 'final 2'])
  })

  test('the final one takes the second slot where there is one', () => {
    const one = coordinator({ interval: 100, maxConcurrent: 2, timeout: 1_000 })
    one.begin()
    one.tick(100)
    expect(one.stop(120)).toContain('final 2')
  })

  test('finish comes when the final one is committed, once, and nothing after it', () => {
    const one = coordinator({ interval: 100, timeout: 1_000 })
    one.begin()
    one.stop(10)
    one.prepared(1)
    one.stored(1)
    expect(one.committed(1, 20)).toEqual(['finish'])
    expect([...one.tick(100), ...one.stop(100), ...one.exhausted(100)]).toEqual([])
  })

  test('no trigger follows the final one', () => {
    const one = coordinator({ interval: 100, maxConcurrent: 2, timeout: 1_000 })
    one.begin()
    one.stop(10)
    expect(one.tick(100)).toEqual(['wake 1010'])
  })

  test('stop and exhausted again during the final one change nothing', () => {
    const one = coordinator({ interval: 100, maxConcurrent: 2, timeout: 1_000 })
    one.begin()
    one.stop(10)
    expect([...one.stop(11), ...one.exhausted(12), ...one.stop(13)]).toEqual([])
  })

  test('a stop before the start makes the first checkpoint the final one', () => {
    const one = coordinator({ interval: 100, timeout: 1_000 })
    expect(one.stop(0)).toEqual([])
    expect(one.begin()).toEqual(['wake 1000', 'final 1'])
  })

  test('a final checkpoint that takes too long fails as any other', () => {
    const one = coordinator({ interval: 100, timeout: 50 })
    one.begin()
    one.stop(10)
    expect(one.tick(60)).toEqual(['fail CHECKPOINT_TIMEOUT'])
  })
})
