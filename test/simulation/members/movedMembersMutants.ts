/** Rules of a move of slots while members run, each switched off in a copy of the sources, with a schedule of movedMembers.ts that it has broken. */
import type { MembersMutant } from './membersMutants.ts'

const planner = 'members/planner.ts'
const keptShards = 'job/members/keptShards.ts'
const plans = 'kafka/ledger/kafkaPlans.ts'

export const movedMembersMutants: Readonly<Record<string, MembersMutant>> = {
  'given-while-moving': {
    rule: 'nobody gets a shard whose slots are on the move',
    seed: 1,
    finds: /while its slots are on the move/,
    patches: [
      {
        file: planner,
        find: '  if (moving === undefined) return new Set()\n',
        replace: '  if (moving !== null) return new Set()\n',
      },
    ],
  },
  'move-forgotten': {
    rule: 'a plan for other members keeps the move that is under way',
    seed: 2,
    finds: /a move has not ended/,
    patches: [
      {
        file: planner,
        find: 'return { ...plan, number: plan.number + 1, owners, members }',
        replace: 'return { ...plan, moving: undefined, number: plan.number + 1, owners, members }',
      },
    ],
  },
  'not-let-go': {
    rule: 'the owner of a shard whose slots are to move lets it go',
    seed: 1,
    finds: /undisturbed, a move takes/,
    patches: [
      { file: keptShards, find: 'evacuates: evacuates || isClosed(newest, shard),', replace: 'evacuates,' },
      { file: keptShards, find: "typeof owners[shard] !== 'string'", replace: 'owners[shard] === undefined' },
    ],
  },
  'old-slots': {
    rule: 'a shard that has got other slots is begun anew, wherever it was begun before',
    seed: null,
    finds: /./,
    patches: [
      {
        file: keptShards,
        find: 'kept.state.plan < (newest.since?.[shard] ?? 0) || ',
        replace: '',
      },
    ],
  },
  'emptied-unfenced': {
    rule: 'transactions of a shard that is emptied are ended before its slots move',
    seed: null,
    finds: /is open after the move/,
    patches: [
      {
        file: plans,
        find: 'await Promise.all(shards.map(fenceShard))',
        replace: 'await Promise.all(shards.filter((shard) => shard < next.owners.length).map(fenceShard))',
      },
    ],
  },
  'moved-in-two-transactions': {
    rule: 'the plan and the entries of the shards concerned are decided in one transaction',
    seed: 1,
    finds: /is decided with 0 entries/,
    patches: [
      {
        file: plans,
        find: '      const acks = await writer.send([plans.parcel(next), ...parcels])\n      await plans.prove(acks)\n',
        replace:
          '      const apart = next.moved !== undefined && parcels.length > 0\n      if (apart) {\n        await writer.send([plans.parcel(next)])\n        await writer.commit()\n        await writer.init()\n      }\n      const acks = await writer.send(apart ? parcels : [plans.parcel(next), ...parcels])\n',
      },
    ],
  },
}
