package io.github.pgpure.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.ConversionException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** JSON as objects: by Jackson's default mapper, by the application's own, by something else, and without Jackson at all. */
class JsonMappingTests {

    private static final int JSON = 114;

    private final Codecs codecs = new Codecs();

    record Book(String bookTitle) {}

    @Test
    void theApplicationsMapperIsUsed() {
        codecs.registry.setJsonMapping(new JacksonJsonMapping(JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .build()));
        Book book = new Book("Momo");
        assertThat(codecs.encodeAsText(JSON, book)).isEqualTo("{\"book_title\":\"Momo\"}");
        assertThat(codecs.decodeText(JSON, "{\"book_title\":\"Momo\"}", Book.class))
                .isEqualTo(book);
    }

    @Test
    void theDefaultIsJacksons() {
        assertThat(codecs.decodeText(JSON, "{\"bookTitle\":\"Momo\"}", Book.class))
                .isEqualTo(new Book("Momo"));
        assertThatThrownBy(() -> codecs.decodeText(JSON, "{\"bookTitle\": \"secret\"", Book.class))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("Jackson cannot map it")
                .hasMessageNotContaining("secret");
    }

    @Test
    void anyMappingWillDoAndItsFailuresDoNotShowTheValue() {
        codecs.registry.setJsonMapping(new JsonMapping() {
            @Override
            public Object read(String json, Class<?> type) {
                throw new IllegalArgumentException(json);
            }

            @Override
            public String write(Object value) {
                if (value instanceof Book) {
                    throw new IllegalArgumentException(value.toString());
                }
                return "\"mine\"";
            }
        });
        assertThat(codecs.encodeAsText(JSON, Map.of())).isEqualTo("\"mine\"");
        assertThatThrownBy(() -> codecs.encodeAsText(JSON, new Book("secret")))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("its JsonMapping cannot write it (IllegalArgumentException)")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> codecs.decodeText(JSON, "\"secret\"", Book.class))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("its JsonMapping cannot map it (IllegalArgumentException)")
                .hasMessageNotContaining("secret");
    }

    /** What a test does on the other side of the class loader. */
    public static final class WithoutJackson implements Runnable {

        @Override
        public void run() {
            Codecs codecs = new Codecs();
            for (TypeInfo type : BuiltInTypes.types().values()) {
                codecs.codec(type.oid());
            }
            assertThat(codecs.decodeText(JSON, "{\"a\": 1}")).isEqualTo("{\"a\": 1}");
            assertThat(codecs.decodeText(3802, "{\"a\": 1}", String.class)).isEqualTo("{\"a\": 1}");
            assertThat(codecs.encode(JSON, "1")).isEqualTo("31");
            assertThat(codecs.decodeText(1007, "{1,2}", int[].class)).containsExactly(1, 2);
            assertThatThrownBy(() -> codecs.decodeText(JSON, "{}", Map.class))
                    .isInstanceOf(ConversionException.class)
                    .hasMessageContaining("jackson-databind 3")
                    .hasMessageContaining("String");
            assertThatThrownBy(() -> codecs.encode(JSON, Map.of()))
                    .isInstanceOf(ConversionException.class)
                    .hasMessageContaining("jackson-databind 3");
            codecs.registry.setJsonMapping(new JsonMapping() {
                @Override
                public Object read(String json, Class<?> type) {
                    return Map.of("read", json);
                }

                @Override
                public String write(Object value) {
                    return "{}";
                }
            });
            assertThat(codecs.decodeText(JSON, "[]", Map.class)).isEqualTo(Map.of("read", "[]"));
        }
    }

    @Test
    void allBuiltInTypesWorkWithoutJackson() throws Exception {
        try (var loader = new LoaderWithoutJackson()) {
            assertThatThrownBy(() -> loader.loadClass("tools.jackson.databind.json.JsonMapper"))
                    .isInstanceOf(ClassNotFoundException.class);
            Class<?> test = loader.loadClass(WithoutJackson.class.getName());
            assertThat(test).isNotEqualTo(WithoutJackson.class);
            ((Runnable) test.getConstructor().newInstance()).run();
        }
    }

    /** Defines the project's classes anew, and knows no Jackson. */
    private static final class LoaderWithoutJackson extends URLClassLoader {

        LoaderWithoutJackson() {
            super(urls(), JsonMappingTests.class.getClassLoader());
        }

        private static URL[] urls() {
            return Arrays.stream(new Class<?>[] {Codec.class, JsonMappingTests.class})
                    .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
                    .toArray(URL[]::new);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("tools.jackson.")) {
                throw new ClassNotFoundException(name);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded != null
                        ? loaded
                        : name.startsWith("io.github.pgpure.") ? findClass(name) : super.loadClass(name, resolve);
            }
        }
    }
}
