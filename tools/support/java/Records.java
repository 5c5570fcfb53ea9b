/*
 * Writes records with Kafka's own producer, or reads them with its own consumer, byte for byte. One record a line:
 *
 *   partition timestamp key value name=value,name=value     all bytes in hex; ~ null, _ empty, - no headers
 *
 *   java Records.java write <brokers> <topic> <file> <compression of partition 0> <of 1> ...
 *   java Records.java read <brokers> <topic>                read_committed, from the beginning to the end, partition after partition
 */
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

class Records {
  public static void main(String[] args) throws Exception {
    if (args[0].equals("write")) write(args[1], args[2], Path.of(args[3]), Arrays.asList(args).subList(4, args.length));
    else read(args[1], args[2]);
  }

  static void write(String brokers, String topic, Path file, List<String> compressions) throws Exception {
    var producers = new ArrayList<KafkaProducer<byte[], byte[]>>();
    for (String compression : compressions) {
      Map<String, Object> config = Map.of("bootstrap.servers", brokers, "compression.type", compression, "linger.ms", 20);
      producers.add(new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer()));
    }
    var sent = new ArrayList<Future<?>>();
    for (String line : Files.readAllLines(file)) {
      String[] part = line.split(" ");
      int partition = Integer.parseInt(part[0]);
      var record = new ProducerRecord<>(topic, partition, Long.valueOf(part[1]), bytes(part[2]), bytes(part[3]), headers(part[4]));
      sent.add(producers.get(partition).send(record));
    }
    for (var one : sent) one.get();
    for (var producer : producers) producer.close();
  }

  static void read(String brokers, String topic) {
    Map<String, Object> config = Map.of("bootstrap.servers", brokers, "isolation.level", "read_committed");
    try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      for (int number = 0; number < consumer.partitionsFor(topic).size(); number++) {
        var partition = new TopicPartition(topic, number);
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        long end = consumer.endOffsets(List.of(partition)).get(partition);
        while (consumer.position(partition) < end) {
          for (var record : consumer.poll(Duration.ofMillis(100))) System.out.println(shown(record));
        }
      }
    }
  }

  static String shown(ConsumerRecord<byte[], byte[]> record) {
    var headers = new ArrayList<String>();
    for (Header header : record.headers()) headers.add(hex(header.key().getBytes(StandardCharsets.UTF_8)) + "=" + hex(header.value()));
    String all = headers.isEmpty() ? "-" : String.join(",", headers);
    return String.join(" ", "" + record.partition(), "" + record.timestamp(), hex(record.key()), hex(record.value()), all);
  }

  static List<Header> headers(String all) {
    var headers = new ArrayList<Header>();
    if (all.equals("-")) return headers;
    for (String one : all.split(",")) {
      String[] part = one.split("=", 2);
      headers.add(new RecordHeader(new String(bytes(part[0]), StandardCharsets.UTF_8), bytes(part[1])));
    }
    return headers;
  }

  static byte[] bytes(String hex) {
    return hex.equals("~") ? null : HexFormat.of().parseHex(hex.equals("_") ? "" : hex);
  }

  static String hex(byte[] bytes) {
    return bytes == null ? "~" : bytes.length == 0 ? "_" : HexFormat.of().formatHex(bytes);
  }
}
