//! The real load balancers that algorithms follow.

/// A load balancer whose behaviour is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Product {
    /// nginx.
    Nginx,
    /// HAProxy.
    HAProxy,
    /// Envoy.
    Envoy,
}

/// That an algorithm behaves as one of a real load balancer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Follows {
    /// Whose.
    pub product: Product,
    /// What its configuration calls it, such as `least_conn`.
    pub calls_it: &'static str,
    /// What a model that names the product may call it, besides its own name, such as `LeastConnections`.
    pub names: &'static [&'static str],
}

impl Product {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Nginx, Self::HAProxy, Self::Envoy];

    /// Its name in a model file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nginx => "Nginx",
            Self::HAProxy => "HAProxy",
            Self::Envoy => "Envoy",
        }
    }

    /// The version whose behaviour is followed and was measured.
    #[must_use]
    pub const fn version(self) -> &'static str {
        match self {
            Self::Nginx => "1.22.1",
            Self::HAProxy => "2.6.12",
            Self::Envoy => "1.40.0",
        }
    }
}

/// As its makers write it, with the version: `nginx 1.22.1`.
impl std::fmt::Display for Product {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = if *self == Self::Nginx { "nginx" } else { self.name() };
        write!(f, "{name} {}", self.version())
    }
}
