package io.github.pgpure.convert;

import java.lang.reflect.Array;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/** Makes one kind of all that can be sent as an array. */
final class Elements {

    private Elements() {}

    /** The elements of a collection or an array, null for anything else. */
    static @Nullable List<?> of(Object value) {
        if (value instanceof List<?> list && value instanceof RandomAccess) {
            return list;
        } else if (value instanceof Collection<?> collection) {
            return new ArrayList<>(collection);
        } else if (value instanceof Object[] array) {
            return Arrays.asList(array);
        } else if (value instanceof int[] array) {
            return view(array.length, i -> array[i]);
        } else if (value instanceof long[] array) {
            return view(array.length, i -> array[i]);
        } else if (value instanceof double[] array) {
            return view(array.length, i -> array[i]);
        } else if (value.getClass().isArray()) {
            return view(Array.getLength(value), i -> Array.get(value, i));
        }
        return null;
    }

    private interface Getter {
        Object get(int index);
    }

    private static List<Object> view(int size, Getter getter) {
        return new AbstractList<>() {
            @Override
            public Object get(int index) {
                return getter.get(index);
            }

            @Override
            public int size() {
                return size;
            }
        };
    }
}
