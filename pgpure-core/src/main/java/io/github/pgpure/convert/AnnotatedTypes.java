package io.github.pgpure.convert;

/** Makes the converters of classes that are annotated with {@link PgType}. */
final class AnnotatedTypes {

    private AnnotatedTypes() {}

    @SuppressWarnings({"unchecked", "rawtypes"}) // of an enum and a record, as was just found out
    static Converter<?> converter(Class<?> type) {
        PgType annotation = type.getAnnotation(PgType.class);
        if (annotation == null) {
            throw new IllegalArgumentException(type.getTypeName() + " is not annotated with @PgType");
        }
        TypeName name = TypeName.of(annotation.value());
        if (type.isEnum()) {
            return EnumConverter.of(name, (Class) type);
        } else if (type.isRecord()) {
            return CompositeConverter.of(name, (Class) type);
        }
        throw new IllegalArgumentException(type.getTypeName()
                + " is annotated with @PgType but neither an enum nor a record: write a Converter for it");
    }
}
