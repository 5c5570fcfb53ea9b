/**
 * What makes a single broker quick to start and quick to test on; as in server.properties.
 *
 * Few partitions in the topics of its own, since all of them are created at the first transaction and the first group. Transactions
 * that have timed out are aborted within a second, not within ten.
 */
export const quickSettings: Readonly<Record<string, string>> = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '4',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
  'group.initial.rebalance.delay.ms': '0',
}
