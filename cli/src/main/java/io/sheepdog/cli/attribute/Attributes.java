package io.sheepdog.cli.attribute;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.WireText;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.VdiBody;
import io.sheepdog.protocol.message.VdiReply;
import io.sheepdog.protocol.payload.SheepTime;
import io.sheepdog.protocol.payload.VdiAttribute;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The attributes of one image. */
final class Attributes {
  /** Exit code when an attribute is there that must not be; scripts tell it from failures. */
  static final int EXISTS_EXIT = 3;

  /** Exit code when the image or its attribute is not there. */
  static final int MISSING_EXIT = 5;

  /** How often an attribute may change between the question where it is and the reading of it. */
  private static final int TRIES = 16;

  private final Remote remote;
  private final String name;

  Attributes(Remote remote, String name) {
    this.remote = remote;
    this.name = name;
  }

  /** Refuses keys that no attribute can have. */
  static void checkKey(String key, int usageExit) throws CommandFailure {
    try {
      WireText.check(key, Limits.ATTRIBUTE_KEY_SIZE, "Attribute key");
      if (!key.isEmpty()) {
        return;
      }
    } catch (ProtocolException e) {
      throw new CommandFailure(usageExit, "Invalid key '" + key + "': " + e.getMessage());
    }
    throw new CommandFailure(usageExit, "Invalid key '': an attribute needs one");
  }

  void set(String key, byte[] value, boolean onlyIfAbsent) throws CommandFailure {
    int exclusive = onlyIfAbsent ? RequestFlags.EXCL : 0;
    require(key, ask(RequestFlags.CREAT | exclusive, key, value), "Failed to set");
  }

  void delete(String key) throws CommandFailure {
    require(key, ask(RequestFlags.DEL, key, new byte[0]), "Failed to delete");
  }

  byte[] get(String key) throws CommandFailure {
    for (int i = 0; i < TRIES; i++) {
      Response found = ask(RequestFlags.NONE, key, new byte[0]);
      require(key, found, "Failed to get");
      VdiAttribute attribute = found.body() instanceof VdiReply reply ? read(reply) : null;
      if (attribute != null && attribute.name().equals(name) && attribute.key().equals(key)) {
        return attribute.value();
      }
    }
    throw new CommandFailure(1, "Failed to get attribute '" + key + "': it changes all the time");
  }

  /** The attribute that is kept there, null if it is gone meanwhile. */
  private @Nullable VdiAttribute read(VdiReply where) throws CommandFailure {
    ObjectId oid = ObjectId.attribute(where.vdiId(), Integer.toUnsignedLong(where.attributeId()));
    return remote
        .fetch(
            Opcode.READ_OBJ,
            ObjectBody.of(oid, 0),
            VdiAttribute.SIZE,
            reply -> {
              if (reply.header().is(ResultCode.NO_OBJ)) {
                return Optional.<VdiAttribute>empty();
              }
              remote.require(reply.header(), "Failed to read object " + oid);
              return Optional.of(VdiAttribute.decode(reply.payload()));
            })
        .orElse(null);
  }

  private Response ask(int flags, String key, byte[] value) throws CommandFailure {
    ByteBuf payload = Unpooled.buffer(VdiAttribute.SIZE, VdiAttribute.SIZE);
    try {
      new VdiAttribute(name, "", SheepTime.NONE, 0, key, value).encode(payload);
    } catch (ProtocolException e) {
      throw new CommandFailure(remote.profile().usageExit(), String.valueOf(e.getMessage()));
    }
    return remote.send(Opcode.GET_VDI_ATTR, flags, VdiBody.lookup(0), payload);
  }

  private void require(String key, Response response, String what) throws CommandFailure {
    if (response.is(ResultCode.VDI_EXIST)) {
      throw new CommandFailure(EXISTS_EXIT, "The attribute '" + key + "' already exists");
    }
    if (response.is(ResultCode.NO_OBJ)) {
      throw new CommandFailure(MISSING_EXIT, "Attribute '" + key + "' not found");
    }
    if (Vdis.isMissing(response)) {
      throw new CommandFailure(MISSING_EXIT, "VDI not found: there is no '" + name + "'");
    }
    remote.require(response, what + " attribute '" + key + "'");
  }
}
