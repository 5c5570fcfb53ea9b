/** FindCoordinator and everything that goes to a coordinator: transactional ids and consumer groups. */
import type { AddOffsetsToTxnArgs } from '../../../src/kafka/protocol/addOffsetsToTxn.ts'
import type { AddPartitionsToTxnArgs } from '../../../src/kafka/protocol/addPartitionsToTxn.ts'
import type { EndTxnArgs } from '../../../src/kafka/protocol/endTxn.ts'
import type { FindCoordinatorArgs } from '../../../src/kafka/protocol/findCoordinator.ts'
import type { InitProducerIdArgs } from '../../../src/kafka/protocol/initProducerId.ts'
import type { TxnOffsetCommitArgs } from '../../../src/kafka/protocol/txnOffsetCommit.ts'
import { errors } from './errors.ts'
import { type Arrived, type Handler, placeOf, placeOfGroup, type Shared } from './handler.ts'
import type { TransactionStates } from './transactions.ts'

const coordinatorKey = {
  transaction: (id: string): string => `transaction ${id}`,
  group: (id: string): string => `group ${id}`,
}

export function transactionHandlers(shared: Shared): readonly (readonly [number, Handler])[] {
  const { agenda, topology, transactions, moods, random } = shared

  /**
   * Only the coordinator answers. `lying`: it may do it, and then say that it could not.
   * `remember`: what it answers from its memory, without writing anything; null: nothing.
   */
  function coordinated<A>(
    key: (args: A) => string,
    fail: (errorCode: number, args: A) => unknown,
    act: (args: A, version: number) => unknown,
    remember: (states: TransactionStates, args: A, version: number) => unknown = () => null,
  ): Handler {
    return ({ node, version, args }: Arrived, reply) => {
      if (topology.coordinator(key(args), node) !== node) return reply(fail(errors.notCoordinator, args))
      const { cutOff = false, image = null } = topology.nodes[node - 1] ?? {}
      const replaced = topology.coordinator(key(args)) !== node
      // It cannot write what it decides where the others are that have to have it.
      if (replaced || cutOff) {
        const states = replaced && image !== null ? image.transactions : transactions.all
        const remembered = remember(states, args, version)
        if (remembered !== null) return reply(remembered)
        return void agenda.after(random.between(5, 100), () => reply(fail(random.pick(refusals), args)))
      }
      if (moods.refuses() || shared.transactionsAway) return reply(fail(random.pick(refusals), args))
      const answer = act(args, version)
      reply(moods.lies() ? fail(random.pick(refusals), args) : answer)
    }
  }

  const ofTransaction = ({ transactionalId }: { readonly transactionalId: string | null }) =>
    coordinatorKey.transaction(transactionalId as string)
  const failed = (errorCode: number) => ({ errorCode, producerId: -1, producerEpoch: -1 })

  const init = coordinated<InitProducerIdArgs>(
    ofTransaction,
    failed,
    ({ transactionalId, transactionTimeout, producerId, producerEpoch }) => {
      const answer = transactions.init(transactionalId as string, transactionTimeout, producerId, producerEpoch)
      shared.trace.note(
        () =>
          `coordinator: InitProducerId ${transactionalId} -> ${answer.errorCode || `epoch ${answer.producerEpoch}`}`,
      )
      return answer
    },
  )

  const end = coordinated<EndTxnArgs>(
    ofTransaction,
    failed,
    ({ transactionalId, producerId, producerEpoch, committed }, version) => {
      const answer = transactions.end(transactionalId, producerId, producerEpoch, committed, version >= 5)
      noteEnd(transactionalId, producerEpoch, answer.errorCode)
      return answer
    },
    (states, args, version) => {
      const answer = transactions.endFrom(states, args, version >= 5)
      if (answer !== null)
        noteEnd(args.transactionalId, args.producerEpoch, answer.errorCode, ', by one who is replaced')
      return answer
    },
  )

  function noteEnd(id: string, epoch: number, errorCode: number, by = ''): void {
    shared.trace.note(() => `coordinator: EndTxn ${id} epoch ${epoch} -> ${errorCode || 'OK'}${by}`)
  }

  const addPartitions = coordinated<AddPartitionsToTxnArgs>(
    ofTransaction,
    (errorCode, { partitions }) => partitions.map((one) => ({ ...one, errorCode })),
    ({ transactionalId, producerId, producerEpoch, partitions }) => {
      const places = partitions.map(({ topic, partition }) => placeOf(topic, partition))
      const errorCode = transactions.add(transactionalId, producerId, producerEpoch, places, false)
      return partitions.map((one) => ({ ...one, errorCode }))
    },
  )

  const addOffsets = coordinated<AddOffsetsToTxnArgs>(
    ofTransaction,
    (errorCode) => ({ errorCode }),
    ({ transactionalId, producerId, producerEpoch, groupId }) => {
      return { errorCode: transactions.add(transactionalId, producerId, producerEpoch, [placeOfGroup(groupId)], false) }
    },
  )

  const offsetCommit = coordinated<TxnOffsetCommitArgs>(
    ({ groupId }) => coordinatorKey.group(groupId),
    (errorCode, { offsets }) => offsets.map(({ topic, partition }) => ({ topic, partition, errorCode })),
    ({ transactionalId, groupId, producerId, producerEpoch, offsets }, version) => {
      const v2 = version >= 5
      const found = transactions.add(transactionalId, producerId, producerEpoch, [placeOfGroup(groupId)], v2, !v2)
      const errorCode = found === errors.fenced ? errors.invalidEpoch : found
      if (errorCode === 0) shared.groups.pending(groupId, producerId, offsets)
      return offsets.map(({ topic, partition }) => ({ topic, partition, errorCode }))
    },
  )

  const find: Handler = ({ node: asked, args }, reply) => {
    const { type, key } = args as FindCoordinatorArgs
    const node = topology.coordinator(coordinatorKey[type](key), asked)
    const errorCode = node < 0 ? errors.coordinatorNotAvailable : 0
    reply({ errorCode, errorMessage: null, node, host: `node-${node}`, port: 9092 })
  }

  /** Without a transactional id anybody may give out a producer id. */
  const initAny: Handler = (request, reply) => {
    if (request.args.transactionalId !== null) return init(request, reply)
    reply({ errorCode: 0, producerId: shared.newProducerId(), producerEpoch: 0 })
  }

  return [
    [10, find],
    [22, initAny],
    [24, addPartitions],
    [25, addOffsets],
    [26, end],
    [28, offsetCommit],
  ]
}

const refusals = [errors.coordinatorLoading, errors.coordinatorNotAvailable, errors.notCoordinator]
