package io.github.pgpure.convert;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Makes the codecs of a snapshot's types when they are first asked for, each of those that it is made of before; thread-safe. There are
 * hundreds of types, of which an application uses a few: to make them all at once would delay its first row.
 */
final class CodecBuilder {

    /** Types nest as deep as people made them; a server's answer must not exhaust the stack. */
    private static final int MAX_DEPTH = 64;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Integer, TypeInfo> types;
    private final List<Converter<?>> converters;
    private final Map<Integer, ValueCodec> codecs = new HashMap<>();
    private final Set<Integer> underway = new HashSet<>();

    CodecBuilder(Map<Integer, TypeInfo> types, List<Converter<?>> converters) {
        this.types = types;
        this.converters = converters;
    }

    /** The codec of a type that the snapshot knows; the same one each time. */
    ValueCodec build(int oid) {
        lock.lock();
        try {
            return codec(oid);
        } finally {
            lock.unlock();
        }
    }

    private ValueCodec codec(int oid) {
        ValueCodec known = codecs.get(oid);
        if (known != null) {
            return known;
        }
        TypeInfo type = types.get(oid);
        // A type cannot be part of itself: an answer that says so is not believed.
        if (type == null || underway.size() == MAX_DEPTH || !underway.add(oid)) {
            return BaseCodecs.asText(oid, type == null ? "oid " + Integer.toUnsignedString(oid) : displayName(type));
        }
        try {
            ValueCodec codec = converted(type, (ValueCodec) own(type));
            codecs.put(oid, codec);
            return codec;
        } finally {
            underway.remove(oid);
        }
    }

    private ValueCodec converted(TypeInfo type, ValueCodec codec) {
        Converter<?> converter = converter(type);
        if (converter instanceof CompositeConverter<?> && codec instanceof CompositeCodec composite) {
            return composite.registeredFor(converter.javaType());
        }
        if (converter instanceof EnumConverter<?> enums && codec instanceof EnumCodec labels) {
            return new ConverterCodec(codec, enums.forLabels(labels));
        }
        return converter == null ? codec : new ConverterCodec(codec, converter);
    }

    /** Returns {@code Object} so that classes that are not used are not loaded, as in {@link BaseCodecs}. */
    private Object own(TypeInfo type) {
        String name = displayName(type);
        switch (type.kind()) {
            case BASE:
                return BaseCodecs.of(type, name);
            case ARRAY:
                ValueCodec element = codec(type.related());
                return new ArrayCodec(type.oid(), element.typeName() + "[]", element, type.delimiter());
            case ENUM:
                return new EnumCodec(type.oid(), name, type.members());
            case DOMAIN:
                return new DomainCodec(type.oid(), name, codec(type.related()));
            case COMPOSITE:
                ValueCodec[] fields = new ValueCodec[type.members().size()];
                for (int i = 0; i < fields.length; i++) {
                    fields[i] = codec(type.members().get(i).typeOid());
                }
                return new CompositeCodec(type.oid(), name, type.members(), fields, null);
            case RANGE:
                return new RangeCodec(type.oid(), name, codec(type.related()));
            case MULTIRANGE:
                return new MultirangeCodec(type.oid(), name, codec(type.related()));
            default:
                return BaseCodecs.asText(type.oid(), name);
        }
    }

    /** The one that was added last counts. */
    private @Nullable Converter<?> converter(TypeInfo type) {
        for (int i = converters.size() - 1; i >= 0; i--) {
            if (type.isNamed(converters.get(i).type())) {
                return converters.get(i);
            }
        }
        return null;
    }

    private static String displayName(TypeInfo type) {
        return type.visible() ? type.name() : type.schema() + "." + type.name();
    }
}
