import type { Admin } from 'kafkajs'
import type { KafkaCluster } from '../cluster.ts'

/**
 * Lends kafkajs's admin client, connected, for as long as `use` takes. Rejects as that does, or as
 * connecting does.
 */
export async function withAdmin<A>(cluster: KafkaCluster, use: (admin: Admin) => Promise<A>): Promise<A> {
  const admin = cluster.admin()
  try {
    await admin.connect()
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}
