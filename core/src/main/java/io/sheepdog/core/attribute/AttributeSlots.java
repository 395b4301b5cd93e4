package io.sheepdog.core.attribute;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.gateway.ObjectGateway;
import io.sheepdog.core.gateway.ReadResult;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.payload.VdiAttribute;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The objects that attributes are kept in. Where an attribute is follows from its hash; if another
 * one is there, it is one index further, and so on up to a slot that nobody has ever used. A slot
 * whose attribute was deleted is removed when it is the last of its chain, else it stays with an
 * empty name and is used again.
 */
final class AttributeSlots {
  /** Most slots that are looked at: hashes have 32 bits, so chains are as good as never long. */
  private static final int LIMIT = 64;

  private final ObjectGateway gateway;

  AttributeSlots(ObjectGateway gateway) {
    this.gateway = gateway;
  }

  /**
   * Where an attribute is.
   *
   * @param code SUCCESS; NO_OBJ when there is none; FULL_VDI when all slots are others'; anything
   *     else that kept from looking
   * @param slot its object when SUCCESS, else the one in which it could be made, null if none could
   */
  record Found(ResultCode code, @Nullable ObjectId slot) {}

  /** Looks for an attribute. */
  CompletionStage<Found> find(VdiAttribute wanted) {
    CompletableFuture<Found> result = new CompletableFuture<>();
    look(wanted, wanted.firstSlot(), LIMIT, null, result);
    return result;
  }

  private void look(
      VdiAttribute wanted,
      ObjectId slot,
      int left,
      @Nullable ObjectId free,
      CompletableFuture<Found> result) {
    read(slot)
        .whenComplete(
            (content, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
              } else if (content.code() == ResultCode.NO_OBJ) {
                result.complete(new Found(ResultCode.NO_OBJ, free == null ? slot : free));
              } else if (content.code() != ResultCode.SUCCESS) {
                result.complete(new Found(content.code(), null));
              } else if (content.attribute() != null && content.attribute().isSameAs(wanted)) {
                result.complete(new Found(ResultCode.SUCCESS, slot));
              } else if (left == 1) {
                result.complete(
                    new Found(free == null ? ResultCode.FULL_VDI : ResultCode.NO_OBJ, free));
              } else {
                boolean unused =
                    content.attribute() == null || content.attribute().name().isEmpty();
                look(wanted, next(slot), left - 1, free == null && unused ? slot : free, result);
              }
            });
  }

  /**
   * What a slot holds.
   *
   * @param attribute null unless SUCCESS, and when it cannot be understood: such a slot is written
   *     anew as one that nobody uses
   */
  private record Content(ResultCode code, @Nullable VdiAttribute attribute) {}

  private CompletionStage<Content> read(ObjectId slot) {
    return gateway.read(slot, 0, VdiAttribute.SIZE).thenApply(AttributeSlots::content);
  }

  private static Content content(ReadResult read) {
    try {
      return new Content(
          read.code(), read.code() == ResultCode.SUCCESS ? VdiAttribute.decode(read.data()) : null);
    } catch (ProtocolException damaged) {
      return new Content(ResultCode.SUCCESS, null);
    } finally {
      read.data().release();
    }
  }

  private static ObjectId next(ObjectId slot) {
    return ObjectId.attribute(slot.vid(), (slot.index() + 1) & 0xffffffffL);
  }

  /** Writes an attribute to its slot, durably on all replicas. */
  CompletionStage<ResultCode> put(ObjectId slot, VdiAttribute attribute, int copies) {
    ByteBuf bytes = Unpooled.buffer(VdiAttribute.SIZE, VdiAttribute.SIZE);
    attribute.encode(bytes);
    ObjectAttributes shape = new ObjectAttributes(VdiAttribute.SIZE, copies, 0, Epoch.ZERO);
    return gateway.create(slot, shape, 0, bytes).whenComplete((code, failure) -> bytes.release());
  }

  /** Deletes the attribute in a slot. */
  CompletionStage<ResultCode> clear(ObjectId slot) {
    return read(next(slot))
        .thenCompose(
            after ->
                switch (after.code()) {
                  case NO_OBJ -> gateway.remove(slot);
                  case SUCCESS -> empty(slot);
                  default -> CompletableFuture.completedFuture(after.code());
                });
  }

  private CompletionStage<ResultCode> empty(ObjectId slot) {
    ByteBuf nothing = Unpooled.buffer(1).writeByte(0);
    return gateway.write(slot, 0, nothing).whenComplete((code, failure) -> nothing.release());
  }

  /** Deletes the attribute in a slot if it is one of that VDI, or cannot be understood. */
  CompletionStage<ResultCode> clearIfOf(String name, ObjectId slot) {
    return read(slot)
        .thenCompose(
            content -> {
              VdiAttribute attribute = content.attribute();
              boolean others =
                  attribute != null
                      && !attribute.name().isEmpty()
                      && !attribute.name().equals(name);
              return content.code() != ResultCode.SUCCESS || others
                  ? CompletableFuture.completedFuture(content.code())
                  : clear(slot);
            });
  }
}
