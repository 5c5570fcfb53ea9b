/**
 * The rules of the protocol (DESIGN.md), each switched off by a small change to a copy of the sources. The simulation must find every
 * one of them; that is how it is known to look where it should. A `find` that is not there once fails loudly: then the code has moved
 * on, and the mutant has to follow.
 */
export interface Patch {
  /** Below src. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

export type Story =
  | 'contendedBucket'
  | 'deposedLeader'
  | 'deposedPlan'
  | 'keptCheckpoints'
  | 'laggingShard'
  | 'movedLedger'
  | 'movedSlots'

export interface Mutant {
  /** The rule that is broken. */
  readonly rule: string
  readonly patches: readonly Patch[]
  /** A schedule that it has broken. */
  readonly seed?: number
  /** Found where the job runs over shards. */
  readonly spread?: boolean
  /** How many schedules the tests may take to find it; default 1,000. */
  readonly budget?: number
  /** The story of that file's name in which it is looked for: schedules of all kinds come to that too seldom. */
  readonly story?: Story
  /** The test that holds the rule, where schedules of all kinds find the mutant too seldom for every run of the tests. */
  readonly seldom?: string
  /** Why it cannot be found, where that is so: something else makes it harmless. */
  readonly equivalent?: string
}

const session = 'kafka/sessions/transactionSession.ts'
const plans = 'kafka/ledger/kafkaPlans.ts'
const planWriter = 'job/planWriter.ts'
const prepareMove = 'job/rescale/prepareMove.ts'
const producer = 'kafka/sending/producer.ts'
const transactionRequests = 'kafka/sending/transactionRequests.ts'
const delivery = 'kafka/sending/delivery.ts'
const toTopic = 'operators/toRepartition.ts'
const slots = 'time/slotWatermarks.ts'
const sentinel = 'kafka/ledger/ledgerSentinel.ts'

export const mutants: Readonly<Record<string, Mutant>> = {
  'read-before-fence': {
    rule: 'fence before read, always',
    seed: 2,
    patches: [
      {
        file: session,
        find: "      await bothDone([even.init(), odd.init()])\n      const entry = await ledger.read('fenced')\n",
        replace:
          "      const entry = await ledger.read('committed')\n      await bothDone([even.init(), odd.init()])\n",
      },
    ],
  },
  'fence-one-id': {
    rule: 'both ids are fenced before the ledger is read',
    seed: 30,
    patches: [
      {
        file: session,
        find: '      await bothDone([even.init(), odd.init()])\n',
        replace: '      await even.init()\n      fencedOdd = false\n',
      },
      { file: session, find: '  let sinks = 0\n', replace: '  let sinks = 0\n  let fencedOdd = false\n' },
      {
        file: session,
        find: 'send: (checkpoint, parcels) => inTurn(checkpoint).offer(parcels),',
        replace: `send: async (checkpoint, parcels) => {
          if (checkpoint % 2 === 1 && !fencedOdd) await odd.init()
          if (checkpoint % 2 === 1) fencedOdd = true
          return inTurn(checkpoint).offer(parcels)
        },`,
      },
      {
        file: session,
        find: '      await ledger.prove(await using.send([ledger.parcel(takeover ? entry : state.located(entry))]))\n',
        replace: `      if (using === odd && !fencedOdd) await odd.init()
      if (using === odd) fencedOdd = true
      await ledger.prove(await using.send([ledger.parcel(takeover ? entry : state.located(entry))]))\n`,
      },
    ],
  },
  'no-compare-and-set': {
    rule: 'ownership is compare-and-set: who finds a third owner is Fenced',
    seed: 13,
    patches: [
      {
        file: 'job/takeOver.ts',
        find: '  throw ownedByAnother(me, owner)\n',
        replace: '',
      },
    ],
  },
  'ownership-not-confirmed': {
    rule: 'after the takeover is committed: fence again, read again, still me?',
    seed: 92,
    patches: [
      {
        file: 'job/takeOver.ts',
        find: 'return signedByMe(claim, await session.fence())',
        replace: 'return (await session.fence()) as LedgerEntry',
      },
    ],
  },
  'no-ownership-commit': {
    rule: 'the first commit of an attempt is its ownership, on id 0',
    seed: 2,
    patches: [
      {
        file: 'job/takeOver.ts',
        find: 'return signedByMe(claim, await session.fence())',
        replace: 'return (await session.fence()) as LedgerEntry',
      },
      {
        file: 'job/takeOver.ts',
        find: '      await session.commit({',
        replace: '      if (entry === null) await session.commit({',
      },
    ],
  },
  'sentinel-left-out': {
    rule: 'the ownership record proves that the ledger was read to its end, at the leader that has acked it',
    story: 'deposedLeader',
    patches: [
      {
        file: session,
        find: 'await ledger.prove(await using.send([ledger.parcel(takeover ? entry : state.located(entry))]))',
        replace: 'await using.send([ledger.parcel(takeover ? entry : state.located(entry))])',
      },
    ],
  },
  'sentinel-elsewhere': {
    rule: 'the proof is read at the leader that has acked the record, and up to the record',
    story: 'deposedLeader',
    patches: [
      {
        file: sentinel,
        find: 'connections.call(leader, fetch, args)',
        replace: "connections.call(leader < 0 ? leader : 'any', fetch, args)",
      },
      {
        file: sentinel,
        find: "if (errorCode !== 0 && isRefused(errorCode)) throw staleRead(split, 'the leader has moved since the read')",
        replace: 'if (isRefused(errorCode)) continue',
      },
      {
        file: sentinel,
        find: 'if (next === position) await waiting.after(unread(split, position, to))\n    else waiting.reset()',
        replace:
          'if (next === position) return false\n    if (to < 0) await waiting.after(unread(split, position, to))',
      },
    ],
  },
  'sentinel-bounds': {
    rule: 'the proof begins where the read has ended',
    story: 'deposedLeader',
    patches: [
      { file: sentinel, find: 'let position = from; position < to', replace: 'let position = to - 1; position < to' },
    ],
  },
  'predecessor-unproven': {
    rule: 'whom an execution may take over from is kept only once a proven read has said it',
    patches: [
      { file: 'job/takeOver.ts', find: '  const taking = { ...claim }\n', replace: '  const taking = claim\n' },
    ],
    equivalent:
      'no data is at stake, only a job that gives up too early, and seldom: takeOverStale.test.ts holds to the rule',
  },
  'shards-unchecked': {
    rule: 'the number of shards is what the first plan says',
    spread: true,
    seed: 39,
    patches: [
      { file: 'job/takeOver.ts', find: '  sameKind(claim, entry)\n', replace: '' },
      {
        file: planWriter,
        find: 'if (before !== shards && !rescales) throw',
        replace: 'if (false as boolean) throw',
      },
      { file: planWriter, find: '|| before === shards) return null', replace: '|| before > 0) return null' },
    ],
  },
  'claim-without-plan': {
    rule: 'nobody takes over an entry that was signed under a newer plan',
    spread: true,
    seed: 11,
    patches: [
      { file: 'job/takeOver.ts', find: '  if (claim.signed) signedByMe(claim, entry)\n', replace: '' },
      {
        file: 'job/takeOver.ts',
        find: '  if (plan < number ||',
        replace: '  if (claim.slots !== undefined || plan < number ||',
      },
    ],
  },
  'plan-not-fenced': {
    rule: 'writers of the plan before are fenced before it is read',
    spread: true,
    patches: [
      { file: plans, find: '      await writer.init()\n', replace: '' },
      {
        file: plans,
        find: '      await plans.ensure()\n',
        replace: '      await writer.init()\n      await plans.ensure()\n',
      },
    ],
    equivalent:
      'a plan that was written in between lies before the sentinel; and both in turn are what plan-written-unread switches off',
  },
  'plan-sentinel-forgotten': {
    rule: 'the next plan proves that the plan before was the last one, at the leader that has acked it',
    story: 'deposedPlan',
    patches: [{ file: plans, find: '      await plans.prove(acks)\n', replace: '' }],
  },
  'plan-written-unread': {
    rule: 'a plan is written once the plan before it is fenced, read, and proven to be the last one',
    spread: true,
    seed: 100,
    patches: [
      { file: plans, find: '      await plans.prove(acks)\n', replace: '' },
      { file: plans, find: "await plans.read('fenced')", replace: "await plans.read('committed')" },
      {
        file: plans,
        find: 'if ((current?.number ?? 0) !== next.number - 1) throw',
        replace: 'if ((false as boolean) && current !== null) throw',
      },
    ],
  },
  'genesis-in-two-transactions': {
    rule: 'the first plan and the first entries of all shards are decided together',
    spread: true,
    seed: 2,
    patches: [
      {
        file: plans,
        find: '      const acks = await writer.send([plans.parcel(next), ...parcels])\n      await plans.prove(acks)\n',
        replace: `      const first = await writer.send([plans.parcel(next)])
      await plans.prove(first)
      if (parcels.length > 0) await writer.commit()
      const acks = parcels.length > 0 ? await writer.send(parcels) : first\n`,
      },
    ],
  },
  'genesis-over-another': {
    rule: 'first entries replace only what was looked at before: another start may have begun meanwhile',
    spread: true,
    seed: 85,
    patches: [
      { file: planWriter, find: '      if (!expected(shard, current)) throw historyMoved(store.place)\n', replace: '' },
    ],
  },
  'split-of-two-shards': {
    rule: 'each split is read by one shard',
    spread: true,
    seed: 2,
    patches: [
      {
        file: 'contracts/source.ts',
        find: 'shardOf(slots, partition) === shard',
        replace: 'shardOf(slots, partition) <= shard',
      },
    ],
  },
  'transaction-before-last-undecided': {
    rule: 'transaction n + 2 waits for the decision of n',
    seed: 21,
    patches: [
      {
        file: session,
        find: 'ready: async (checkpoint) => undecided.get(checkpoint - 2)?.promise,',
        replace: 'ready: async () => undefined,',
      },
    ],
  },
  'sends-overlap': {
    rule: 'records of n + 1 leave only after all of n is acked',
    seed: 5,
    patches: [
      {
        file: 'kafka/sending/outbox.ts',
        find: '        const batches = takeRound()\n        if (batches.length > 0) await sendRound(batches)\n        else if (!advance()) break',
        replace: `        const batches = takeRound()
        if (batches.length > 0) started.push(sendRound(batches).catch(parts.fail))
        else if (!advance()) break`,
      },
      {
        file: 'kafka/sending/outbox.ts',
        find: '  let pumping = false\n',
        replace: '  let pumping = false\n  const started: Promise<void>[] = []\n',
      },
      {
        file: 'kafka/sending/outbox.ts',
        find: '      flush.resolve()\n',
        replace: '      Promise.all(started).then(() => flush.resolve())\n',
      },
    ],
  },
  'sent-again-with-the-next-sequence': {
    rule: 'a batch whose answer is lost is sent again with the same sequence number, and not with the next one, as some clients do',
    seed: 26,
    patches: [
      {
        file: delivery,
        find: '    if (isInDoubt(error)) doubtful.add(batch)\n',
        replace: `    if (isInDoubt(error)) {
      doubtful.add(batch)
      const next = batch.records.readInt32BE(53) + batch.records.readInt32BE(57)
      batch.records.writeInt32BE(next, 53)
      batch.records.writeUInt32BE(crc32c(batch.records.subarray(21)), 17)
    }\n`,
      },
      {
        file: delivery,
        find: 'import type { AttemptContext }',
        replace: "import { crc32c } from '@node-rs/crc32'\nimport type { AttemptContext }",
      },
    ],
  },
  'lost-append-is-acked': {
    rule: 'a batch whose answer is lost is not acked before a leader says so',
    seed: 46,
    patches: [
      {
        file: delivery,
        find: '    if (recognised && isInDoubt(error)) return { batch, error }\n    throw error\n',
        replace: '    if (recognised && isInDoubt(error)) return null as never\n    throw error\n',
      },
      {
        file: delivery,
        find: 'return batches.map((batch) => setback(batch, error))',
        replace: 'return batches.map((batch) => setback(batch, error)).filter((one) => one !== null)',
      },
    ],
  },
  'commit-in-doubt-is-ok': {
    rule: 'only OK means committed: a lost answer does not',
    seed: 141,
    patches: [
      {
        file: transactionRequests,
        find: '        return endTransaction(epoch, node, true, options)\n',
        replace: `        return endTransaction(epoch, node, true, options).catch(() => ({
          errorCode: 0,
          producerId: epoch.producerId,
          producerEpoch: epoch.producerEpoch + (implicit ? 1 : 0),
        }))\n`,
      },
    ],
  },
  'commit-in-doubt-is-aborted': {
    rule: 'a lost answer does not mean aborted either: here the transaction is begun again, with its entry',
    seed: 12,
    patches: [
      {
        file: session,
        find: '      await using.commit()\n',
        replace: `      await using.commit().catch(async () => {
        await using.init()
        await using.send([ledger.parcel(takeover ? entry : state.located(entry))])
        await using.commit()
      })\n`,
      },
      {
        file: 'kafka/nodes/coordinators.ts',
        find: '        if (!mayRepeat(error)) throw error\n        if (error.code === busy',
        replace: "        if (what === 'EndTxn' || !mayRepeat(error)) throw error\n        if (error.code === busy",
      },
    ],
  },
  'no-proof-on-v1': {
    rule: 'protocol v1: after a doubt the next transaction has a fresh epoch',
    seldom: 'test/simulation/replacedCoordinator.test.ts',
    patches: [
      {
        file: transactionRequests,
        find: 'const plain = asked.length === 1 && asked[0] === joinedAt && !late',
        replace: 'const plain = asked.length > 0',
      },
    ],
  },
  'read-to-stable-offset': {
    rule: 'after a fence the ledger is read up to its uncommitted end',
    patches: [
      {
        file: 'kafka/ledger/ledgerLog.ts',
        find: "until === 'fenced' ? 'read_uncommitted' : 'read_committed'",
        replace: "'read_committed'",
      },
    ],
    equivalent: 'a fence answers OK only when all markers are written, and then both ends are the same',
  },
  'snapshot-unchecked': {
    rule: 'the sha-256 of a snapshot is checked before a byte of it is believed',
    seed: 1436,
    patches: [
      {
        file: 'checkpoint/snapshotReader.ts',
        find: 'if (!(await summed.isOf(expected))) throw notTheOne(file)',
        replace: 'await summed.isOf(expected)',
      },
    ],
  },
  'lineage-unchecked': {
    rule: 'the lineage of a snapshot is checked',
    patches: [
      {
        file: 'checkpoint/snapshotReader.ts',
        find: '    if (foreign.length > 0) throw foreignSnapshot(file, foreign)\n',
        replace: '',
      },
    ],
    equivalent: 'a foreign snapshot has another sha-256, too: lineage makes the message right, not the data',
  },
  'ledger-loss-unnoticed': {
    rule: 'a job whose ledger has nothing, and whose storage says that it has begun, is not started',
    seed: 1,
    patches: [
      {
        file: 'checkpoint/lineage.ts',
        find: "  if (lineages.length > 0) return { type: 'conflict', lineages: [...standing] }\n",
        replace: "  if (lineages.length > 0 && ledger !== null) return { type: 'conflict', lineages: [...standing] }\n",
      },
    ],
  },
  'begun-unmarked': {
    rule: 'the storage remembers that a lineage has begun before the first record is read',
    seed: 1,
    patches: [
      {
        file: 'job/lineageCheck.ts',
        find: '      await putMark(storage, job, { sequence: verdict.sequence, lineage: history.lineage, kind: 0 }, place)\n',
        replace: '',
      },
    ],
  },
  'ledger-loss-of-a-shard': {
    rule: 'a shard whose part of the ledger is gone is not started: it has begun with the plan',
    spread: true,
    seed: 64,
    budget: 2_000,
    patches: [
      {
        file: 'job/lineageCheck.ts',
        find: 'async (history) => history?.lineage === planned,',
        replace: 'async () => planned !== null,',
      },
      {
        file: 'job/lineageCheck.ts',
        find: '      if (history?.lineage !== planned) throw historyMoved(place)\n      return true\n',
        replace: '      return history !== null\n',
      },
    ],
  },
  'mark-seen-is-kept': {
    rule: 'the mark of a lineage is durable, and not only there to be seen, before genesis',
    seed: 143,
    patches: [
      {
        file: 'job/lineageCheck.ts',
        find: "      await putMark(storage, job, { sequence: verdict.sequence, lineage: lineage(), kind: 'intended' }, place)\n",
        replace: `      let over = false
      const putting = putMark(storage, job, { sequence: verdict.sequence, lineage: lineage(), kind: 'intended' }, place)
      const seen = async () => {
        while (!over && !(await readMarks(storage, job)).some((mark) => mark.lineage === lineage())) await null
      }
      await Promise.race([putting.finally(() => { over = true }), seen()])\n`,
      },
    ],
  },
  'snapshot-seen-is-kept': {
    rule: 'a snapshot is durable, and not only there to be seen, before the ledger names it',
    seed: 50,
    patches: [
      {
        file: 'contracts/storage.ts',
        find: '  await storage.put(key, bytes)\n',
        replace: `  let over = false
  const seen = async () => {
    while (!over && (await storage.list(key)).length === 0) await null
  }
  await Promise.race([storage.put(key, bytes).finally(() => { over = true }), seen()])\n`,
      },
    ],
  },
  'genesis-again': {
    rule: 'genesis is committed with the resolved start offsets, and binding',
    seed: 16,
    patches: [
      {
        file: 'job/recover.ts',
        find: '  const known = standing?.positions ?? []\n',
        replace: '  const known = standing === null || standing.checkpoint === 0 ? [] : standing.positions\n',
      },
    ],
  },
  'commits-out-of-order': {
    rule: 'EndTxn(n + 1) only after OK for n',
    seed: 12,
    patches: [
      {
        file: 'checkpoint/coordinator.ts',
        find: "  const [oldest] = state.underway\n  if (oldest?.progress !== 'stored') return { state, commands: [] }\n",
        replace:
          "  const oldest = state.underway.find(({ progress }) => progress === 'stored')\n  if (oldest === undefined) return { state, commands: [] }\n",
      },
      {
        file: 'checkpoint/coordinator.ts',
        find: '  const [oldest, ...younger] = state.underway\n',
        replace:
          '  const oldest = state.underway.find((one) => one.checkpoint === checkpoint)\n  const younger = state.underway.filter((one) => one !== oldest)\n',
      },
    ],
  },
  'aborted-unsorted': {
    rule: 'aborted ranges are sorted by their first offset',
    seed: 13,
    patches: [
      {
        file: 'kafka/batch/abortedFilter.ts',
        find: '[...transactions].sort((a, b) => b.firstOffset - a.firstOffset)',
        replace: '[...transactions].reverse()',
      },
    ],
  },
  'aborted-for-ever': {
    rule: 'an abort marker ends the range',
    seed: 2,
    patches: [
      {
        file: 'kafka/batch/abortedFilter.ts',
        find: '    if (isAbort(batch)) aborting.delete(batch.producerId)\n',
        replace: '',
      },
    ],
  },
  'aborted-unfiltered': {
    rule: 'aborted records are left out',
    seed: 2,
    patches: [
      { file: 'kafka/reading/committedRecords.ts', find: 'if (!hidden(batch) && ', replace: 'if (!batch.control && ' },
    ],
  },
  'sequence-from-zero': {
    rule: 'each batch of an epoch has the next sequence number',
    seed: 4,
    patches: [
      { file: producer, find: 'idempotent ? (sequences.get(place) ?? 0) : -1', replace: 'idempotent ? 0 : -1' },
    ],
  },
  'sequence-kept': {
    rule: 'a new epoch begins with sequence number 0',
    seed: 2,
    patches: [{ file: producer, find: '    sequences.clear()\n', replace: '' }],
  },
  'group-offsets': {
    rule: "offsets are the ledger's; those of the group are never read",
    seed: 2,
    patches: [
      {
        file: 'kafka/source/kafkaReader.ts',
        find: '      await read(splits as readonly (SplitOffset & FoundSplit)[])\n',
        replace: `      const group = options.groupId === undefined ? new Map() : (cluster as never as GroupOffsets).groupOffsets(options.groupId)
      const moved = splits.map((split) => ({ ...split, offset: group.get(\`\${split.topic}/\${split.partition}\`) ?? split.offset }))
      await read(moved as readonly (SplitOffset & FoundSplit)[])\n`,
      },
      {
        file: 'kafka/source/kafkaReader.ts',
        find: 'type FoundSplit =',
        replace: 'interface GroupOffsets {\n  groupOffsets(group: string): Map<string, number>\n}\n\ntype FoundSplit =',
      },
    ],
  },
  'stored-too-late': {
    rule: 'the snapshot is durable before the ledger names it',
    seed: 15,
    patches: [
      {
        file: 'contracts/storage.ts',
        find: '  await storage.put(key, bytes)\n',
        replace: '  storage.put(key, Buffer.concat(pieces)).catch(() => undefined)',
      },
    ],
  },
  'one-snapshot-key': {
    rule: 'a snapshot key is unique per attempt',
    seed: 353,
    patches: [
      {
        file: 'job/completion.ts',
        find: 'const { job, shard, attempt: id } = attempt\n',
        replace: "const { job, shard } = attempt\n    const id = 'x'\n",
      },
      {
        file: 'contracts/storage.ts',
        find: '  await storage.put(key, bytes)\n',
        replace: '  await storage.remove(key)\n  await storage.put(key, Buffer.concat(pieces))',
      },
    ],
  },
  'sweep-without-proof': {
    rule: 'a sweep removes only what is not newer than the checkpoint just committed, and what has lain there for a while',
    seed: 16,
    patches: [
      { file: 'checkpoint/retention.ts', find: 'snapshot.checkpoint <= checkpoint && ', replace: '' },
      { file: 'checkpoint/retention.ts', find: 'found.filter((key) => known.has(key))', replace: 'found' },
    ],
  },
  'removed-before-decided': {
    rule: 'what the chain has dropped is removed once the checkpoint is decided, and not before',
    seed: 16,
    patches: [
      {
        file: 'job/completion.ts',
        find: '    return { entry, retained: { keys, dropped } }\n',
        replace:
          '    await garbage.after({ keys, dropped, checkpoint: 0 })\n    return { entry, retained: { keys, dropped: [] } }\n',
      },
    ],
  },
  '412-is-success': {
    rule: 'a put that finds its key taken has succeeded only if the object is its own',
    story: 'contendedBucket',
    seed: 1,
    patches: [
      {
        file: 's3/putOnce.ts',
        find: "  if (found === mark) return 'stored'\n",
        replace: "  if (found !== null) return 'stored'\n",
      },
    ],
  },
  'lost-answer-is-412': {
    rule: 'a put that finds its key taken looks whether it was its own request, whose answer was lost',
    seed: 400_000_002,
    patches: [{ file: 's3/putOnce.ts', find: "  if (found === mark) return 'stored'\n", replace: '' }],
  },
  'marks-alike': {
    rule: 'each put has a mark of its own: two writers of the same bytes must not both win',
    story: 'contendedBucket',
    seed: 1,
    patches: [
      { file: 's3/bucketStorage.ts', find: '    const mark = randomUUID()\n', replace: "    const mark = 'ours'\n" },
      {
        file: 's3/bucketStorage.ts',
        find: 'uploadParts(target, randomUUID(), following',
        replace: "uploadParts(target, 'ours', following",
      },
    ],
  },
  'base-removed': {
    rule: 'retention keeps what the snapshot of the ledger builds on',
    seed: 21,
    patches: [
      {
        file: 'checkpoint/snapshotChain.ts',
        find: 'storedOf([...base.map((link) => link.key)',
        replace: 'storedOf([...base.slice(1).map((link) => link.key)',
      },
    ],
  },
  'base-forgotten': {
    rule: 'a snapshot names the earlier ones that it builds on',
    seed: 2,
    patches: [
      {
        file: 'checkpoint/snapshotChain.ts',
        find: 'operators.some((operator) => checkpointOf(key) >= (since.get(operator) ?? Infinity))',
        replace: 'operators.some((operator) => checkpointOf(key) > (since.get(operator) ?? Infinity))',
      },
    ],
  },
  'change-before-it-is-written': {
    rule: 'an entry that changes after the barrier is written first',
    seed: 42,
    patches: [
      {
        file: 'state/valueTable.ts',
        find: '    if (segment.stamps[slot] === now - 2) writeNow(segment, slot)\n',
        replace: '',
      },
      {
        file: 'state/valueTable.ts',
        find: '    if (segment.stamps[slot] === now) return\n',
        replace: '    if (segment.stamps[slot] === now || segment.stamps[slot] === now - 2) return\n',
      },
    ],
  },
  'time-of-day': {
    rule: 'durations are measured by a clock that nobody can set',
    seed: 16,
    patches: [{ file: 'job/checkpointing.ts', find: 'attempt.clock.monotonic()', replace: 'attempt.clock.now()' }],
  },
  'position-of-what-is-fetched': {
    rule: 'the barrier has exactly the position of the records before it',
    seed: 62,
    patches: [
      {
        file: 'kafka/source/kafkaReader.ts',
        find: 'return { topic, topicId, partition, offset: position, ...epoch }',
        replace: 'return { topic, topicId, partition, offset: fetchOffset, ...epoch }',
      },
      {
        file: 'kafka/source/kafkaReader.ts',
        find: 'reading.map(({ topic, topicId, partition, position, epochs }) => {',
        replace: 'reading.map(({ topic, topicId, partition, position, epochs, fetchOffset }) => {',
      },
    ],
  },
  'rebuilt-with-the-next-sequence': {
    rule: 'what is left of a refused batch has the sequence numbers that the batch would have had',
    seed: 500_000_001,
    patches: [
      {
        file: producer,
        find: 'if (refused === undefined) return []\n',
        replace:
          'if (refused === undefined) return []\n      if (topic) return [{ ...refused, batch: parcels[at] as Parcel }]\n',
      },
    ],
  },
  'rest-behind': {
    rule: 'what is left of a refused batch is sent before anything else of its partition',
    seed: 500_000_004,
    patches: [
      {
        file: 'kafka/sending/outbox.ts',
        find: 'queue.batches.unshift(...left)',
        replace: 'queue.batches.push(...left)',
      },
    ],
  },
  'barrier-before-refusals': {
    rule: 'a barrier passes a sink when it is known which records before it are refused',
    seed: 500_000_001,
    patches: [
      {
        file: session,
        find: 'settle: (then) => outgoing.settle(share, sealed ?? first - 1, then),',
        replace: 'settle: (then) => then(),',
      },
    ],
  },
  'letter-in-the-next-checkpoint': {
    rule: 'a letter is in the transaction of its record',
    seed: 500_000_007,
    patches: [
      {
        file: 'job/badRecords/badRecords.ts',
        find: 'if (bad.checkpoint === current) letters.next(letter)\n    else hold(bad.checkpoint, letter)',
        replace: 'hold(bad.checkpoint + 1, letter)',
      },
    ],
  },
  'refusal-after-a-doubt': {
    rule: 'a batch that may be in the log is not taken apart',
    seldom: 'test/kafka/sending/delivery.test.ts',
    patches: [{ file: delivery, find: 'if (doubtful.has(batch)) throw refusedInDoubt(error)\n', replace: '\n' }],
  },
  'marker-before-its-records': {
    rule: 'a marker is behind the records of its checkpoint',
    seed: 1,
    story: 'laggingShard',
    patches: [
      { file: toTopic, find: '      step.record(record)\n', replace: '      behind.push(record)\n' },
      {
        file: toTopic,
        find: '  const markers = dueMarkers()\n',
        replace: '  const markers = dueMarkers()\n  const behind: Parameters<typeof step.record>[0][] = []\n',
      },
      {
        file: toTopic,
        find: '      step.barrier?.(barrier)\n',
        replace: '      for (const record of behind.splice(0)) step.record(record)\n      step.barrier?.(barrier)\n',
      },
    ],
  },
  'watermark-by-highest': {
    rule: 'the watermark behind a repartition topic is the lowest of all slots',
    seed: 1,
    story: 'laggingShard',
    patches: [
      {
        file: slots,
        find: 'if (active.length > 0) watermark.rise(0, lowestOf(active))',
        replace: 'if (active.length > 0) watermark.rise(0, highestOf(active))',
      },
    ],
  },
  'watermark-by-one-split': {
    rule: 'the watermark of a slot is the lowest of all splits',
    seed: 2,
    story: 'laggingShard',
    patches: [
      {
        file: slots,
        find: "  return { reached: lowestOf(open), condition: 'active' }",
        replace: "  return { reached: highestOf(open), condition: 'active' }",
      },
    ],
  },
  'marker-forgotten-at-restart': {
    rule: 'the last marker of each slot is in the snapshot of the reader',
    seed: 3,
    story: 'laggingShard',
    patches: [
      {
        file: 'time/slotState.ts',
        find: '    slots: splits.map(',
        replace: '    slots: splits.slice(splits.length).map(',
      },
    ],
  },
  'end-forgotten-at-restart': {
    rule: 'the end of a slot is in the snapshot of the reader, until the run is over',
    seldom: 'test/time/slotWatermarks.test.ts',
    patches: [{ file: slots, find: "condition === 'ended' && !over", replace: "condition === 'ended' && over" }],
  },
  'idle-holds': {
    rule: 'an idle slot holds back no watermark',
    seed: 1,
    story: 'laggingShard',
    patches: [{ file: slots, find: "marker.idle ? 'idle' : 'active'", replace: "'active'" }],
  },
  'timers-by-time': {
    rule: 'a timer moves with the key that it rings for, not with its time',
    story: 'movedSlots',
    patches: [{ file: 'state/timers.ts', find: ', ownerOf: (_, key) => key()', replace: '' }],
  },
  'contents-by-name': {
    rule: 'the contents of a window move with its key',
    story: 'movedSlots',
    patches: [{ file: 'operators/windows/elementList.ts', find: 'ownerOf: keyOfList', replace: 'ownerOf: () => null' }],
  },
  'positions-stay': {
    rule: 'the position of a partition moves with its slot',
    story: 'movedSlots',
    patches: [
      {
        file: prepareMove,
        find: 'const from = everywhere.has(source) ? [main] : givers',
        replace: 'const from = [main]',
      },
    ],
  },
  'moved-without-state': {
    rule: 'state moves with its slot',
    story: 'movedSlots',
    patches: [
      {
        file: 'job/rescale/splitState.ts',
        find: 'byShard.get(after[slot] as number)?.stream',
        replace: '(after[slot] === giver ? byShard.get(giver) : undefined)?.stream',
      },
    ],
  },
  'moved-by-highest-watermark': {
    rule: 'a shard goes on with the lowest watermark of those whose slots it gets',
    seed: 14,
    story: 'movedSlots',
    patches: [
      {
        file: 'job/rescale/mergedStates.ts',
        find: 'return Math.min(...all.map(',
        replace: 'return Math.max(...all.map(',
      },
    ],
  },
  'moved-unfenced': {
    rule: 'the shards concerned are fenced before their slots move',
    seed: 11,
    story: 'movedSlots',
    patches: [
      { file: plans, find: '      await Promise.all(shards.map(fenceShard))\n', replace: '      fenceShard.name\n' },
      {
        file: prepareMove,
        find: 'if (now?.checkpoint !== then?.checkpoint || now?.lineage !== then?.lineage)',
        replace: 'if (now?.lineage !== then?.lineage)',
      },
    ],
  },
  'moved-unplaced': {
    rule: 'the entry of a shard that gets slots says where its large state lies in the ledger',
    story: 'movedLedger',
    patches: [
      { file: 'job/rescale/wholeSnapshot.ts', find: ', ...(records === undefined ? {} : { records })', replace: '' },
    ],
  },
  'moved-from-nowhere': {
    rule: 'large state in the ledger is read from where the entry of its shard says',
    story: 'movedLedger',
    patches: [{ file: plans, find: '      state.begin(entry)\n', replace: '' }],
  },
  'savepoint-swept': {
    rule: 'retention does not know the copies of a savepoint',
    story: 'keptCheckpoints',
    patches: [
      {
        file: 'checkpoint/retention.ts',
        find: 'storage.list(snapshotPrefix(job, shard))',
        replace: 'storage.list(snapshotPrefix(job, shard).split("/")[0] as string)',
      },
      {
        file: 'checkpoint/retention.ts',
        find: 'const snapshot = parseSnapshotKey(key)',
        replace: 'const snapshot = parseSnapshotKey([job, ...key.split("/").slice(-2)].join("/"))',
      },
    ],
  },
  'savepoint-decided-first': {
    rule: 'a savepoint is decided once everything that it names is copied',
    story: 'keptCheckpoints',
    patches: [
      {
        file: 'job/savepoints/keepSavepoint.ts',
        find: 'const needed = cut && (await copiedOf(cut))',
        replace:
          'if (cut !== null) await decided({ ...savepoint, ...cut })\n      const needed = cut && (await copiedOf(cut))',
      },
    ],
  },
  'savepoint-without-base': {
    rule: 'a savepoint has all snapshots that its last one builds on',
    story: 'keptCheckpoints',
    patches: [
      {
        file: 'checkpoint/savepoints/keptSnapshots.ts',
        find: '[...chain.filter(({ key }) => key !== snapshot.key), snapshot]',
        replace: '[snapshot]',
      },
    ],
  },
  'savepoint-of-a-gone-snapshot': {
    rule: 'a snapshot that is superseded before it is copied makes the newer checkpoint count',
    story: 'keptCheckpoints',
    patches: [
      {
        file: 'checkpoint/savepoints/keptSnapshots.ts',
        find: 'if (chunks === null) throw snapshotMissing(storage.place, ref.key)',
        replace: 'if (chunks === null) continue',
      },
    ],
  },
  'started-without-state': {
    rule: 'a job that begins from a savepoint has its state',
    story: 'keptCheckpoints',
    patches: [
      {
        file: 'job/change/rewrittenSnapshot.ts',
        find: '      stream.write(of, key, sub, value)\n',
        replace: '      if (value === null) stream.write(of, key, sub, value)\n',
      },
    ],
  },
  'start-not-remembered': {
    rule: 'a lineage says from which savepoint it has begun',
    story: 'keptCheckpoints',
    patches: [
      {
        file: 'job/savepoints/savepointStart.ts',
        find: 'return kept === null ? execution :',
        replace: 'return kept !== null ? execution :',
      },
    ],
  },
}

/** Mutants that are looked for in this story. */
export function mutantsOf(story: Story): readonly (readonly [name: string, mutant: Mutant])[] {
  return Object.entries(mutants).filter(([, mutant]) => mutant.story === story)
}
