/*
 * Feeds topics, and meanwhile reads others as a read_committed consumer does, until its stdin ends.
 *
 *   java Traffic.java <brokers> <topic to read> ...
 *
 *   stdin   topic partition value                to be fed, idempotently, in order
 *           flush                                to be told when everything before it is fed, or never will be
 *   stdout  read topic partition offset value    a record, as soon as it is seen
 *           at topic partition position          the position behind it, and behind markers
 *           flushed
 *           failed message                       something was not fed
 */
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

class Traffic {
  static final PrintStream out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), false);

  public static void main(String[] args) throws Exception {
    var over = new AtomicBoolean();
    var reader = new Thread(() -> read(args[0], Arrays.asList(args).subList(1, args.length), over));
    reader.start();
    feed(args[0]);
    over.set(true);
    reader.join();
  }

  /** Brokers die and fall asleep here: both are noticed soon. */
  static Map<String, Object> config(String brokers, Map<String, Object> more) {
    var config = new HashMap<String, Object>(more);
    config.put("bootstrap.servers", brokers);
    config.put("request.timeout.ms", 3000);
    config.put("metadata.max.age.ms", 1000);
    config.put("reconnect.backoff.max.ms", 200);
    return config;
  }

  static void feed(String brokers) throws Exception {
    Map<String, Object> own = Map.of("linger.ms", 5, "delivery.timeout.ms", 300000, "max.block.ms", 300000);
    try (var producer = new KafkaProducer<>(config(brokers, own), new StringSerializer(), new StringSerializer())) {
      var lines = new BufferedReader(new InputStreamReader(System.in));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals("flush")) {
          producer.flush();
          say("flushed");
          continue;
        }
        var parts = line.split(" ", 3);
        var record = new ProducerRecord<String, String>(parts[0], Integer.parseInt(parts[1]), null, parts[2]);
        producer.send(record, (metadata, error) -> {
          if (error != null) say("failed " + error);
        });
      }
    }
  }

  static void read(String brokers, List<String> topics, AtomicBoolean over) {
    Map<String, Object> own = Map.of("isolation.level", "read_committed", "auto.offset.reset", "earliest", "fetch.max.wait.ms", 100);
    try (var consumer = new KafkaConsumer<>(config(brokers, own), new StringDeserializer(), new StringDeserializer())) {
      var all = new ArrayList<TopicPartition>();
      for (String topic : topics) for (var one : consumer.partitionsFor(topic)) all.add(new TopicPartition(topic, one.partition()));
      consumer.assign(all);
      var positions = new HashMap<TopicPartition, Long>();
      while (!over.get()) {
        for (var record : consumer.poll(Duration.ofMillis(100)))
          out.println("read " + record.topic() + " " + record.partition() + " " + record.offset() + " " + record.value());
        for (var partition : all) {
          long position = consumer.position(partition);
          if (!Long.valueOf(position).equals(positions.put(partition, position)))
            out.println("at " + partition.topic() + " " + partition.partition() + " " + position);
        }
        out.flush();
      }
    }
  }

  static synchronized void say(String line) {
    out.println(line);
    out.flush();
  }
}
