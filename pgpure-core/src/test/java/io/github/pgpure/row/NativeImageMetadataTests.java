package io.github.pgpure.row;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A native image is told of all methods that core finds by name, and of none that are not there. */
class NativeImageMetadataTests {

    private static final String METADATA =
            "/META-INF/native-image/io.github.pgpure/pgpure-core/reachability-metadata.json";

    @Test
    void namesTheMethodsThatColumnReaderLooksUp() throws Throwable {
        assertThat(told()).isEqualTo(lookedUp());
    }

    private static TreeSet<String> told() throws Exception {
        var told = new TreeSet<String>();
        try (InputStream json = NativeImageMetadataTests.class.getResourceAsStream(METADATA)) {
            for (JsonNode type : JsonMapper.shared().readTree(json).get("reflection")) {
                Class<?> owner = Class.forName(type.get("type").asString());
                for (JsonNode method : type.get("methods")) {
                    List<String> parameters = new ArrayList<>();
                    method.get("parameterTypes").forEach(parameter -> parameters.add(parameter.asString()));
                    String signature = method.get("name").asString() + parameters;
                    assertThat(Arrays.stream(owner.getDeclaredMethods()).map(NativeImageMetadataTests::signature))
                            .contains(signature);
                    told.add(owner.getName() + "." + signature);
                }
            }
        }
        return told;
    }

    private static TreeSet<String> lookedUp() throws Throwable {
        MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(ColumnReader.class, MethodHandles.lookup());
        var handles = new ArrayList<MethodHandle>();
        for (Field field : ColumnReader.class.getDeclaredFields()) {
            Object value = field.getType().isInterface() || field.getType() == MethodHandle.class
                    ? lookup.unreflectGetter(field).invoke()
                    : null;
            if (value instanceof MethodHandle handle) {
                handles.add(handle);
            } else if (value instanceof Map<?, ?> map) {
                map.values().forEach(handle -> handles.add((MethodHandle) handle));
            }
        }
        assertThat(handles).hasSizeGreaterThan(8);
        return handles.stream()
                .map(handle -> MethodHandles.reflectAs(Method.class, handle))
                .map(method -> method.getDeclaringClass().getName() + "." + signature(method))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String signature(Method method) {
        return method.getName()
                + Arrays.stream(method.getParameterTypes()).map(Class::getName).toList();
    }
}
