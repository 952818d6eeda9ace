package io.github.pgpure.spring;

import io.micrometer.observation.ObservationRegistry;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.EmbeddedValueResolverAware;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.StringValueResolver;

/** Finds methods with {@link PgListener} and gives them to the {@link PgListenerRegistry}; thread-safe. */
public class PgListenerBeanPostProcessor implements BeanPostProcessor, EmbeddedValueResolverAware {

    private final ObjectProvider<PgListenerRegistry> registry;
    private final ObjectProvider<PayloadConverter> payloadConverter;
    private final ObjectProvider<PgListenerErrorHandler> errorHandler;
    private final ObjectProvider<ObservationRegistry> observations;
    private final Set<Class<?>> withoutListeners = ConcurrentHashMap.newKeySet();
    private StringValueResolver valueResolver = value -> value;

    /**
     * @param registry takes the methods
     * @param payloadConverter reads payloads into classes; needed only where a method wants one
     * @param errorHandler is told what methods throw; where there is none it is logged
     * @param observations observes each call, where there is one
     */
    public PgListenerBeanPostProcessor(
            ObjectProvider<PgListenerRegistry> registry,
            ObjectProvider<PayloadConverter> payloadConverter,
            ObjectProvider<PgListenerErrorHandler> errorHandler,
            ObjectProvider<ObservationRegistry> observations) {
        this.observations = observations;
        this.errorHandler = errorHandler;
        this.registry = registry;
        this.payloadConverter = payloadConverter;
    }

    @Override
    public void setEmbeddedValueResolver(StringValueResolver resolver) {
        this.valueResolver = resolver;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        Class<?> type = AopProxyUtils.ultimateTargetClass(bean);
        if (isSprings(type)
                || withoutListeners.contains(type)
                || !AnnotationUtils.isCandidateClass(type, PgListener.class)) {
            return bean;
        }
        Map<Method, PgListener> methods =
                MethodIntrospector.selectMethods(type, (MethodIntrospector.MetadataLookup<PgListener>)
                        method -> AnnotatedElementUtils.findMergedAnnotation(method, PgListener.class));
        if (methods.isEmpty()) {
            withoutListeners.add(type);
        }
        methods.forEach((method, listener) -> registry.getObject().add(listenerMethod(bean, method, listener)));
        return bean;
    }

    /** Most beans of an application are Spring's own, and looking at all their methods takes a while. */
    private static boolean isSprings(Class<?> type) {
        return type.getName().startsWith("org.springframework.");
    }

    private PgListenerMethod listenerMethod(Object bean, Method method, PgListener listener) {
        List<String> channels =
                Arrays.stream(listener.channels()).map(this::resolve).toList();
        // The proxy's method, so that @Transactional and other advice apply.
        Method invocable = AopUtils.selectInvocableMethod(method, bean.getClass());
        return new PgListenerMethod(
                bean,
                invocable,
                channels,
                resolve(listener.pool()),
                listener.concurrency(),
                () -> observations.getIfAvailable(() -> ObservationRegistry.NOOP),
                () -> converter(method),
                errorHandler::getIfAvailable);
    }

    private PayloadConverter converter(Method method) {
        PayloadConverter converter = payloadConverter.getIfAvailable();
        if (converter == null) {
            throw new IllegalStateException("@PgListener method " + method
                    + " wants its payload as an object: add Jackson 3 (tools.jackson.core:jackson-databind), or a bean of type "
                    + PayloadConverter.class.getName());
        }
        return converter;
    }

    private String resolve(String value) {
        String resolved = valueResolver.resolveStringValue(value);
        return resolved == null ? "" : resolved;
    }
}
