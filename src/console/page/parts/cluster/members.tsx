import type { ClusterMember } from '../../../view'
import { count } from '../../format'
import { Scroller } from '../scroller'

export function Members({ members }: { readonly members: readonly ClusterMember[] }) {
  return (
    <section class="card" aria-labelledby="members">
      <h2 id="members">Members</h2>
      <Scroller class="scroller" label="Table of members">
        {members.length === 0 && <p class="quiet empty">The plan names nobody, and nobody is heard.</p>}
        {members.length > 0 && (
          <table class="operators">
            <thead>
              <tr>
                <th scope="col">Instance</th>
                <th scope="col">State</th>
                <th scope="col">Zone</th>
                <th scope="col">Host</th>
                <th scope="col">Process</th>
                <th scope="col">Threads</th>
                <th scope="col">Shards</th>
              </tr>
            </thead>
            <tbody>
              {members.map(({ member, instance, state, zone, host, pid, threads, shards }) => (
                <tr key={member} data-member={instance} data-state={state}>
                  <th scope="row">{instance}</th>
                  <td>{state}</td>
                  <td>{zone ?? '–'}</td>
                  <td>{host ?? '–'}</td>
                  <td>{pid ?? '–'}</td>
                  <td>{count(threads)}</td>
                  <td>{shards.length === 0 ? '–' : shards.join(' ')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Scroller>
    </section>
  )
}
