package rxweft.bench;

import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/** What a program here is started with: name=value, one an argument. */
final class Options {
  private final Map<String, String> values = new HashMap<>();

  Options(String[] args) {
    for (String arg : args) {
      int equals = arg.indexOf('=');
      if (equals < 0) throw new IllegalArgumentException("not name=value: " + arg);
      values.put(arg.substring(0, equals), arg.substring(equals + 1));
    }
  }

  String text(String name) {
    String value = values.get(name);
    if (value == null) throw new IllegalArgumentException("no " + name + "=...");
    return value;
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  boolean is(String name) {
    return text(name).equals("true");
  }

  int number(String name) {
    return Integer.parseInt(text(name));
  }

  long big(String name) {
    return Long.parseLong(text(name));
  }

  /** For who wants all that it can do; otherwise the defaults of the client, and of what it belongs to. */
  boolean tuned() {
    return is("tuned");
  }

  Properties client(Map<String, ?> settings, Map<String, ?> tuning) {
    var properties = client(settings);
    if (tuned()) tuning.forEach((name, value) -> properties.put(name, String.valueOf(value)));
    return properties;
  }

  /** Settings of a client of Kafka, with the brokers in. */
  Properties client(Map<String, ?> settings) {
    var properties = new Properties();
    properties.put("bootstrap.servers", text("brokers"));
    settings.forEach((name, value) -> properties.put(name, String.valueOf(value)));
    return properties;
  }
}
