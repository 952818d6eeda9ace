package io.github.pgpure.convert;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes the codecs of a snapshot's types, each of those that it is made of first; for one use. */
final class CodecBuilder {

    /** Types nest as deep as people made them; a server's answer must not exhaust the stack. */
    private static final int MAX_DEPTH = 64;

    private final Map<Integer, TypeInfo> types;
    private final List<Converter<?>> converters;
    private final Map<Integer, ValueCodec> codecs = new HashMap<>();
    private final Set<Integer> underway = new HashSet<>();

    CodecBuilder(Map<Integer, TypeInfo> types, List<Converter<?>> converters) {
        this.types = types;
        this.converters = converters;
    }

    Map<Integer, ValueCodec> build() {
        for (TypeInfo type : types.values()) {
            codec(type.oid());
        }
        return codecs;
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
        ValueCodec codec = own(type);
        Converter<?> converter = converter(type);
        if (converter instanceof CompositeConverter<?> && codec instanceof CompositeCodec composite) {
            codec = composite.registeredFor(converter.javaType());
        } else if (converter instanceof EnumConverter<?> enums && codec instanceof EnumCodec labels) {
            codec = new ConverterCodec(codec, enums.forLabels(labels));
        } else if (converter != null) {
            codec = new ConverterCodec(codec, converter);
        }
        underway.remove(oid);
        codecs.put(oid, codec);
        return codec;
    }

    private ValueCodec own(TypeInfo type) {
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
