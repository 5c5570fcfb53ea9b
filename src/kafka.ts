/** rxweft/kafka: source, sink and cluster for Apache Kafka. */
export type { Compression } from './kafka/batch/compression.ts'
export { type KafkaCluster, type KafkaClusterConfig, kafkaCluster } from './kafka/cluster.ts'
export type { StartFrom } from './kafka/startOffsets.ts'
export { type KafkaSinkOptions, kafkaSink } from './sinks/kafkaSink.ts'
export type { Timestamps } from './sinks/writtenTimestamp.ts'
export { type KafkaSourceOptions, kafkaSource } from './sources/kafkaSource.ts'
export { type KafkaTopicOptions, kafkaTopic } from './through/kafkaTopic.ts'
