package rxweft.flink;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;

/** The records of all scenarios: key, value, and whether a timer is to be deleted instead of registered. */
final class Element {
  static final TypeInformation<Tuple3<String, Long, Boolean>> type = Types.TUPLE(Types.STRING, Types.LONG, Types.BOOLEAN);

  static Tuple3<String, Long, Boolean> of(JsonNode event) {
    return Tuple3.of(event.get("key").asText(), event.get("value").longValue(), event.path("delete").asBoolean());
  }

  static KeySelector<Tuple3<String, Long, Boolean>, String> key() {
    return element -> element.f0;
  }

  private Element() {}
}
