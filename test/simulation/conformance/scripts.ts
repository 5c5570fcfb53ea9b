/** Requests of all kinds, sane and not, whose answers a simulated broker and a real one must agree on. By name: what is tried. */
import { type Client, client, type Identity, shown } from './client.ts'
import type { Ground } from './ground.ts'
import { groupScripts } from './groupScripts.ts'

type Script = (ground: Ground, asked: Client) => Promise<void>

/** What was answered, in order. */
export function run(name: string): (ground: Ground) => Promise<Client['seen']> {
  return async (ground) => {
    const asked = client(ground)
    await ((scripts[name] ?? groupScripts[name] ?? longScripts[name]) as Script)(ground, asked)
    return asked.seen
  }
}

export const scripts: Readonly<Record<string, Script>> = {
  async 'a transaction is committed'({ createTopic, name }, asked) {
    const topic = await createTopic()
    const one = await asked.init(name())
    asked.note('append', await asked.append(one, topic, 'a', 0))
    asked.note('open', await shown(asked, topic, [one]))
    asked.note('committed end', await asked.endOf(topic, 'read_committed'))
    asked.note('end', await asked.endOf(topic, 'read_uncommitted'))
    asked.note('offsets', await asked.commitOffsets(one, topic))
    asked.note('EndTxn', await asked.end(one, true))
    await asked.stable(topic, 2)
    asked.note('decided', await shown(asked, topic, [one]))
  },

  async 'InitProducerId aborts, and fences whoever was there'({ createTopic, name }, asked) {
    const topic = await createTopic()
    const zombie = await asked.init(name())
    asked.note('append', await asked.append(zombie, topic, 'never', 0))
    const heir = await asked.init(zombie.id)
    asked.note('higher', heir.producerEpoch > zombie.producerEpoch)
    asked.note('decided', await shown(asked, topic, [zombie]))
    asked.note('late append', await asked.append(zombie, topic, 'late', 1))
    asked.note('late append elsewhere', await asked.append(zombie, topic, 'late', 0, { partition: 1 }))
    asked.note('late offsets', await asked.commitOffsets(zombie, topic))
    asked.note('late commit', await asked.end(zombie, true))
    asked.note('late abort', await asked.end(zombie, false))
    await asked.init(zombie.id, zombie)
    asked.note('append of the heir', await asked.append(heir, topic, 'kept', 0))
    asked.note('late commit again', await asked.end(zombie, true))
    asked.note('commit of the heir', await asked.end(heir, true))
    await asked.stable(topic, 4)
    asked.note('decided', await shown(asked, topic, [zombie]))
  },

  async 'who claims an old epoch while a newer one has a transaction open'({ createTopic, name }, asked) {
    const topic = await createTopic()
    const zombie = await asked.init(name())
    const heir = await asked.init(zombie.id)
    asked.note('append of the heir', await asked.append(heir, topic, 'a', 0))
    await asked.init(zombie.id, zombie)
    asked.note('commit of the heir', await asked.end(heir, true))
  },

  async 'EndTxn comes twice, or too late, or without a transaction'({ createTopic, name }, asked) {
    const topic = await createTopic()
    const one = await asked.init(name())
    asked.note('nothing to commit', await asked.end(one, true))
    asked.note('append', await asked.append(one, topic, 'a', 0))
    asked.note('EndTxn', await asked.end(one, true))
    await asked.stable(topic, 2)
    asked.note('again', await asked.end(one, true))
    asked.note('abort instead', await asked.end(one, false))
    const next = { ...one, producerEpoch: one.producerEpoch + 1 }
    asked.note('append of the last epoch', await asked.append(one, topic, 'late', 1))
    asked.note('the next must begin at 0', await asked.append(next, topic, 'b', 1))
    asked.note('the next', await asked.append(next, topic, 'b', 0))
    asked.note('an old EndTxn', await asked.end(one, true))
    asked.note('an old abort', await asked.end(one, false))
    asked.note('the commit', await asked.end(next, true))
    await asked.stable(topic, 4)
    asked.note('decided', await shown(asked, topic, [one]))
  },

  async 'an abort comes twice'({ createTopic, name }, asked) {
    const topic = await createTopic()
    const one = await asked.init(name())
    asked.note('append', await asked.append(one, topic, 'a', 0))
    asked.note('abort', await asked.end(one, false))
    await asked.stable(topic, 2)
    asked.note('again', await asked.end(one, false))
    asked.note('commit instead', await asked.end(one, true))
    asked.note('decided', await shown(asked, topic, [one]))
  },

  async 'batches come twice, or out of order'({ createTopic, name }, asked) {
    const topic = await createTopic()
    const one = await asked.init(name())
    asked.note('not from 0', await asked.append(one, topic, 'x', 1))
    for (const [sequence, value] of ['a', 'b', 'c'].entries()) {
      asked.note(value, await asked.append(one, topic, value, sequence))
    }
    asked.note('b again', await asked.append(one, topic, 'b', 1))
    asked.note('one is missing', await asked.append(one, topic, 'x', 4))
    for (const sequence of [3, 4, 5, 6]) asked.note(`${sequence}`, await asked.append(one, topic, 'd', sequence))
    asked.note('b again, long after', await asked.append(one, topic, 'b', 1))
    asked.note('EndTxn', await asked.end(one, true))
    await asked.stable(topic, 8)
    asked.note('decided', await shown(asked, topic, [one]))
  },

  async 'two transactions interleave in a partition, and are aborted in the other order'({ createTopic, name }, asked) {
    const topic = await createTopic()
    const [one, two, three] = [await asked.init(name()), await asked.init(name()), await asked.init(name())]
    asked.note('a', await asked.append(one, topic, 'a', 0))
    asked.note('b', await asked.append(two, topic, 'b', 0))
    asked.note('c', await asked.append(three, topic, 'c', 0))
    asked.note('abort', await asked.end(two, false))
    asked.note('commit', await asked.end(three, true))
    await asked.init(three.id)
    await asked.init(two.id)
    asked.note('held back by the first', await shown(asked, topic, [one, two, three]))
    asked.note('abort', await asked.end(one, false))
    await asked.stable(topic, 6)
    asked.note('decided', await shown(asked, topic, [one, two, three]))
  },

  async 'protocol v1: partitions must be added first'({ createTopic, name }, asked) {
    const topic = await createTopic()
    const one = await asked.init(name())
    asked.note('append, not added', await asked.append(one, topic, 'x', 0, { v1: true }))
    asked.note('add', await asked.add(one, topic))
    asked.note('append', await asked.append(one, topic, 'a', 0, { v1: true }))
    asked.note('offsets, not added', await asked.commitOffsets(one, topic, true))
    asked.note('EndTxn', await asked.end(one, true, true))
    await asked.stable(topic, 2)
    asked.note('again', await asked.end(one, true, true))
    asked.note('abort instead', await asked.end(one, false, true))
    asked.note('append after the end', await asked.append(one, topic, 'x', 1, { v1: true }))
    asked.note('add again', await asked.add(one, topic))
    asked.note('the epoch goes on, and its sequence', await asked.append(one, topic, 'b', 1, { v1: true }))
    asked.note('EndTxn', await asked.end(one, true, true))
    await asked.stable(topic, 4)
    asked.note('decided', await shown(asked, topic, [one]))
    await asked.init(one.id)
    asked.note('add of a fenced one', await asked.add(one, topic))
    asked.note('EndTxn of a fenced one', await asked.end(one, true, true))
  },

  async 'an append is acked with its offset, and what is undecided is read up to the high watermark'(
    { createTopic, name },
    asked,
  ) {
    const topic = await createTopic()
    const [one, two] = [await asked.init(name()), await asked.init(name())]
    asked.note('nothing yet', (await asked.listed(topic, 'read_uncommitted'))?.offset)
    asked.note('first', (await asked.produced(one, topic, 'a', 0))?.baseOffset)
    asked.note('second', (await asked.produced(two, topic, 'b', 0))?.baseOffset)
    asked.note('the second again', (await asked.produced(two, topic, 'b', 0))?.baseOffset)
    asked.note('undecided', await shown(asked, topic, [one, two], 'read_uncommitted'))
    asked.note('committed', await shown(asked, topic, [one, two]))
    asked.note('abort', await asked.end(one, false))
    asked.note('commit', await asked.end(two, true))
    await asked.stable(topic, 4)
    asked.note('third', (await asked.produced(await asked.init(two.id), topic, 'c', 0))?.baseOffset)
    asked.note('both', await shown(asked, topic, [one, two], 'read_uncommitted'))
    asked.note('decided', await shown(asked, topic, [one, two]))
    const epoch = await asked.leaderEpoch(topic)
    asked.note('epoch of the end', (await asked.listed(topic, 'read_uncommitted'))?.leaderEpoch === epoch)
    asked.note('of the last stable offset', (await asked.listed(topic, 'read_committed'))?.leaderEpoch === epoch)
  },

  async 'more replicas are wanted in sync than there are'({ createTopic, name }, asked) {
    const topic = await createTopic(2)
    const one = await asked.init(name())
    asked.note('append', await asked.produced(one, topic, 'a', 0).then((its) => its?.errorCode))
    asked.note('end', await asked.endOf(topic, 'read_uncommitted'))
    asked.note('commit', await asked.end(one, true))
  },

  async 'a fresh epoch is claimed with the old one, in protocol v1'({ createTopic, name }, asked) {
    const topic = await createTopic()
    const one = await asked.init(name())
    asked.note('add', await asked.add(one, topic))
    asked.note('append', await asked.append(one, topic, 'a', 0, { v1: true }))
    asked.note('again', await asked.append(one, topic, 'a', 0, { v1: true }))
    asked.note('EndTxn', await asked.end(one, true, true))
    const two = await asked.init(one.id, one)
    asked.note('the next', [two.producerId === one.producerId, two.producerEpoch - one.producerEpoch])
    const again = await asked.init(one.id, one)
    asked.note('claimed again', again.producerEpoch - two.producerEpoch)
    asked.note('an old EndTxn', await asked.end(one, true, true))
    asked.note('an old add', await asked.add(one, topic))
    asked.note('add', await asked.add(two, topic))
    asked.note('append', await asked.append(two, topic, 'b', 0, { v1: true }))
    asked.note('a late copy', await asked.append(one, topic, 'a', 0, { v1: true }))
    asked.note('an old EndTxn', await asked.end(one, true, true))
    asked.note('EndTxn', await asked.end(two, true, true))
    await asked.init(one.id)
    await asked.init(one.id, two)
    await asked.stable(topic, 4)
    asked.note('decided', await shown(asked, topic, [one]))
  },

  async 'a batch is sent again after the end of its transaction'({ createTopic, name }, asked) {
    const topic = await createTopic()
    const one = await asked.init(name())
    asked.note('append', await asked.append(one, topic, 'a', 0))
    asked.note('again', await asked.append(one, topic, 'a', 0))
    asked.note('EndTxn', await asked.end(one, true))
    await asked.stable(topic, 2)
    asked.note('a late copy', await asked.append(one, topic, 'a', 0))
    asked.note('a late copy elsewhere', await asked.append(one, topic, 'a', 0, { partition: 1 }))
    asked.note('late offsets', await asked.commitOffsets(one, topic))
    asked.note('EndTxn again', await asked.end(one, true))
    asked.note('decided', await shown(asked, topic, [one]))
  },

  async 'names that do not exist'({ createTopic, name }, asked) {
    const topic = await createTopic()
    const one = await asked.init(name())
    const stranger = { ...one, producerId: one.producerId + 1_000_000 }
    asked.note('append of a stranger', await asked.append(stranger, topic, 'x', 0))
    asked.note('EndTxn of a stranger', await asked.end(stranger, true))
    asked.note('EndTxn of nobody', await asked.end({ ...one, id: name() }, true))
    asked.note('beyond the end', (await asked.read(topic, 1_000)).errorCode)
    await asked.init(name(), undefined, 2 ** 31 - 1)
  },

  async 'a transaction that is open for too long is aborted, and its producer fenced'({ createTopic, name }, asked) {
    const topic = await createTopic()
    const one = await asked.init(name(), undefined, 500)
    asked.note('append', await asked.append(one, topic, 'a', 0))
    await asked.stable(topic, 2)
    asked.note('decided', await shown(asked, topic, [one]))
    asked.note('append', await asked.append(one, topic, 'b', 1))
    asked.note('commit', await asked.end(one, true))
    asked.note('offsets', await asked.commitOffsets(one, topic))
  },
}

/** Minutes on a real broker: by hand, with RXWEFT_LONG=1. */
export const longScripts: Readonly<Record<string, Script>> = {
  async 'the epochs of a producer id run out'({ createTopic, name, age }, asked) {
    const topic = await createTopic()
    const { id } = await asked.init(name())
    await age(id, 32_763)
    const first = await asked.init(id)
    asked.note('epoch', first.producerEpoch)
    let one = first
    for (const value of ['a', 'b', 'c', 'd', 'e']) {
      const is = (who: Identity) => [who.producerId === first.producerId, who.producerEpoch]
      asked.note(value, await asked.append(one, topic, value, 0))
      const next = await asked.ended(one, true)
      asked.note(`EndTxn of ${value}`, [next.errorCode, ...is(next)])
      const again = await asked.ended(one, true)
      asked.note('again', [again.errorCode, ...is(again), again.producerId === next.producerId])
      one = again
    }
    await asked.stable(topic, 10)
    asked.note('decided', await shown(asked, topic, [first, one]))
  },

  async 'the epochs of a producer id run out, in protocol v1'({ createTopic, name, age }, asked) {
    const topic = await createTopic()
    const { id } = await asked.init(name())
    await age(id, 32_764)
    const first = await asked.init(id)
    asked.note('epoch', first.producerEpoch)
    let one = first
    for (const value of ['a', 'b', 'c']) {
      asked.note('add', await asked.add(one, topic))
      asked.note(value, await asked.append(one, topic, value, 0, { v1: true }))
      asked.note('EndTxn', await asked.end(one, true, true))
      const next = await asked.init(id, one)
      asked.note('the next', [next.producerId === first.producerId, next.producerEpoch])
      const again = await asked.init(id, one)
      asked.note('claimed again', [again.producerId === next.producerId, again.producerEpoch])
      asked.note('an old EndTxn', await asked.end(one, true, true))
      one = next
    }
    await asked.stable(topic, 6)
    asked.note('decided', await shown(asked, topic, [first, one]))
  },
}
