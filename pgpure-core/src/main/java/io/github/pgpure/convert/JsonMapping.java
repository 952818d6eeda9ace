package io.github.pgpure.convert;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Maps JSON to objects and back; thread-safe. */
interface JsonMapping {

    /** Jackson's mapping, loaded when first used; without Jackson it throws and says what is missing. */
    Supplier<JsonMapping> INSTANCE = new Supplier<>() {

        private volatile @Nullable JsonMapping loaded;

        @Override
        public JsonMapping get() {
            JsonMapping mapping = loaded;
            if (mapping == null) {
                try {
                    mapping = new JacksonMapping();
                } catch (NoClassDefFoundError e) {
                    throw new ValueException("that needs tools.jackson.core:jackson-databind 3 on the class path; "
                            + "without it use String");
                }
                loaded = mapping;
            }
            return mapping;
        }
    };

    /** The JSON as this class; null for JSON's null. */
    @Nullable
    Object read(String json, Class<?> type);

    String write(Object value);
}
