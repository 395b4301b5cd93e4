package io.sheepdog.cli.node;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.payload.RecoveryThrottle;
import java.io.PrintStream;
import java.math.BigInteger;
import java.util.regex.Pattern;

/** {@code node recovery set-throttle|get-throttle}: about the contacted node only. */
final class Throttle {
  private static final BigInteger LARGEST_MAX = BigInteger.valueOf(0xffffffffL);
  private static final BigInteger LARGEST_INTERVAL = BigInteger.valueOf(Long.MAX_VALUE);
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,19}");

  private Throttle() {}

  /** What the words ask for; the messages are those that scripts match. */
  static RecoveryThrottle parse(String max, String interval, Profile profile)
      throws CommandFailure {
    long objects = number("max", max, LARGEST_MAX, profile);
    long millis = number("interval", interval, LARGEST_INTERVAL, profile);
    if ((objects == 0) != (millis == 0)) {
      throw new CommandFailure(
          profile.usageExit(),
          "Invalid interval max ("
              + objects
              + "), interval ("
              + millis
              + "): both must be above 0, or both 0 for no bound");
    }
    return new RecoveryThrottle((int) objects, millis, objects != 0);
  }

  private static long number(String what, String text, BigInteger largest, Profile profile)
      throws CommandFailure {
    if (NUMBER.matcher(text).matches()) {
      BigInteger value = new BigInteger(text);
      if (value.compareTo(largest) <= 0) {
        return value.longValueExact();
      }
    }
    throw new CommandFailure(
        profile.usageExit(),
        "Invalid " + what + " (" + text + "): must be an integer between 0 and " + largest);
  }

  static void set(Remote remote, RecoveryThrottle throttle) throws CommandFailure {
    ByteBuf payload = Unpooled.buffer(RecoveryThrottle.SIZE);
    throttle.encode(payload);
    remote.require(
        remote.send(Opcode.SET_RECOVERY, RequestFlags.NONE, RawBody.EMPTY, payload),
        "Failed to set the throttle of recovery");
  }

  static void print(Remote remote, PrintStream out, boolean json) throws CommandFailure {
    RecoveryThrottle throttle = get(remote);
    String max = Integer.toUnsignedString(throttle.maxExecCount());
    if (json) {
      Json.print(
          out,
          generator -> {
            generator.writeStartObject();
            generator.writeNumberField("max", Integer.toUnsignedLong(throttle.maxExecCount()));
            generator.writeNumberField("interval_ms", throttle.intervalMillis());
            generator.writeEndObject();
          });
    } else {
      out.println("max (" + max + "), interval (" + throttle.intervalMillis() + ")");
    }
  }

  private static RecoveryThrottle get(Remote remote) throws CommandFailure {
    return remote.fetch(
        Opcode.GET_RECOVERY,
        RawBody.EMPTY,
        RecoveryThrottle.SIZE,
        reply -> {
          remote.require(reply.header(), "Failed to get the throttle of recovery");
          return RecoveryThrottle.decode(reply.payload());
        });
  }
}
