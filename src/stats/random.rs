//! Random numbers that are the same on every machine and in every version: the generator is part of what a simulated study or a
//! resampled interval is, so it stands here in full instead of in a dependency that may change.
//!
//! xoshiro256++ (Blackman & Vigna, "Scrambled linear pseudorandom number generators", ACM Trans. Math. Softw. 2021;47(4):36,
//! doi 10.1145/3460772), seeded through SplitMix64 (Steele, Lea & Flood, OOPSLA 2014, doi 10.1145/2660193.2660195), as its
//! authors advise. Independent streams are 2^128 numbers apart, by the paper's jump. Normal deviates by Box & Muller
//! (Ann. Math. Stat. 1958;29:610) through `libm`, whose bits do not depend on the platform; χ² deviates as gamma deviates by Marsaglia &
//! Tsang (ACM Trans. Math. Softw. 2000;26:363).

/// A generator of random numbers.
///
/// ```
/// use platewise::stats::random::Random;
///
/// let (mut one, mut same) = (Random::new(7), Random::new(7));
/// assert_eq!(one.bits(), same.bits());
/// assert!((0.0..1.0).contains(&one.uniform()) && one.below(6) < 6);
/// ```
#[derive(Debug, Clone)]
pub struct Random {
    state: [u64; 4],
}

/// x^(2^128) in the generator's characteristic polynomial: what one jump multiplies by.
const JUMP: [u64; 4] = [0x180e_c6d3_3cfd_0aba, 0xd5a6_1266_f0c9_392c, 0xa958_2618_e03f_c9aa, 0x39ab_dc45_29b1_661c];

impl Random {
    /// The generator of a seed.
    pub fn new(seed: u64) -> Self {
        let mut seeds = SplitMix64(seed);
        Self { state: [seeds.next(), seeds.next(), seeds.next(), seeds.next()] }
    }

    /// The generator of one replicate of a resampling: its own, so that the result does not depend on how replicates are
    /// spread over threads.
    pub fn of_replicate(seed: u64, replicate: u64) -> Self {
        Self::new(seed ^ replicate.wrapping_mul(0xd134_2543_de82_ef95).rotate_left(32))
    }

    /// Independent generators, one after the other, from one seed: a further draw in one of them changes nothing in the
    /// others.
    pub fn streams(seed: u64) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(Self::new(seed)), |stream| {
            let mut next = stream.clone();
            next.jump();
            Some(next)
        })
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// Uniform in [0, 1), a multiple of 2^−53.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform among 0, …, `n` − 1, without bias; 0 where `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        let n = n.max(1) as u64;
        // Numbers past the last whole multiple of n would make small results more likely.
        let accepted = u64::MAX - u64::MAX % n;
        loop {
            let bits = self.bits();
            if bits < accepted {
                return (bits % n) as usize;
            }
        }
    }

    /// A standard normal deviate: √(−2 ln u₁) cos 2πu₂.
    pub fn normal(&mut self) -> f64 {
        let u1 = 1.0 - self.uniform(); // in (0, 1], so that its logarithm is finite
        let u2 = self.uniform();
        libm::sqrt(-2.0 * libm::log(u1)) * libm::cos(2.0 * std::f64::consts::PI * u2)
    }

    /// A χ² deviate with `df` degrees of freedom, of at least 1: twice a gamma deviate of the shape `df / 2`.
    pub fn chi_squared(&mut self, df: f64) -> f64 {
        if df < 2.0 {
            // χ²(df) of few degrees of freedom is χ²(df + 2) times a beta deviate.
            let u = 1.0 - self.uniform();
            return self.chi_squared(df + 2.0) * libm::pow(u, 2.0 / df);
        }
        let d = 0.5 * df - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let z = self.normal();
            let root = 1.0 + c * z;
            if root <= 0.0 {
                continue;
            }
            let v = root * root * root;
            let u = 1.0 - self.uniform();
            if libm::log(u) < 0.5 * z * z + d * (1.0 - v + libm::log(v)) {
                return 2.0 * d * v;
            }
        }
    }

    /// Puts `items` in random order (Fisher & Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// Moves on by 2^128 numbers.
    fn jump(&mut self) {
        let mut jumped = [0; 4];
        for bit in JUMP.iter().flat_map(|word| (0..64).map(move |bit| word >> bit & 1)) {
            if bit == 1 {
                jumped.iter_mut().zip(self.state).for_each(|(sum, word)| *sum ^= word);
            }
            self.bits();
        }
        self.state = jumped;
    }
}

/// The generator that turns one seed into the four words of a state.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First outputs of the authors' own C programs (prng.di.unimi.it), as published with `rand_xoshiro` and, for
    /// SplitMix64, on Rosetta Code.
    #[test]
    fn generators_give_the_published_numbers() {
        let mut random = Random { state: [1, 2, 3, 4] };
        let published: [u64; 10] = [
            41943041,
            58720359,
            3588806011781223,
            3591011842654386,
            9228616714210784205,
            9973669472204895162,
            14011001112246962877,
            12406186145184390807,
            15849039046786891736,
            10450023813501588000,
        ];
        assert_eq!(published.map(|_| random.bits()), published);

        let mut seeds = SplitMix64(1234567);
        let published: [u64; 5] =
            [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        assert_eq!(published.map(|_| seeds.next()), published);
    }

    #[test]
    fn replicates_differ_from_each_other_and_by_their_seed() {
        assert_ne!(Random::of_replicate(1, 2).bits(), Random::of_replicate(2, 1).bits());
        assert_ne!(Random::of_replicate(1, 2).bits(), Random::of_replicate(1, 3).bits());
        assert_eq!(Random::of_replicate(1, 2).bits(), Random::of_replicate(1, 2).bits());
    }

    #[test]
    fn streams_begin_at_the_seed_and_differ() {
        let mut streams = Random::streams(7);
        let mut first = streams.next().unwrap();
        assert_eq!(first.bits(), Random::new(7).bits());
        let mut starts: Vec<u64> = streams.take(50).map(|mut stream| stream.bits()).collect();
        starts.sort_unstable();
        starts.dedup();
        assert_eq!(starts.len(), 50);
    }

    #[test]
    fn deviates_have_their_distributions() {
        let mut random = Random::new(1);
        let n = 200_000;
        let (mut uniform, mut moments) = (0.0, [0.0; 4]);
        let mut counts = [0_usize; 7];
        for _ in 0..n {
            uniform += random.uniform();
            let z = random.normal();
            moments.iter_mut().zip(1..).for_each(|(sum, power)| *sum += z.powi(power));
            counts[random.below(7)] += 1;
        }
        let n = n as f64;
        // Five standard errors of each.
        assert!((uniform / n - 0.5).abs() < 5.0 * (1.0 / 12.0 / n).sqrt());
        for (sum, (expected, variance)) in moments.iter().zip([(0.0, 1.0), (1.0, 2.0), (0.0, 15.0), (3.0, 96.0_f64)]) {
            assert!((sum / n - expected).abs() < 5.0 * (variance / n).sqrt(), "{moments:?}");
        }
        for count in counts {
            assert!((count as f64 / n - 1.0 / 7.0).abs() < 5.0 * (6.0 / 49.0 / n).sqrt(), "{counts:?}");
        }
    }

    /// Mean df, variance 2 df, third central moment 8 df; five standard errors of the mean and of the variance (12 df² + 48 df).
    #[test]
    fn chi_squared_deviates_have_their_moments() {
        for df in [1.0, 2.0, 3.5, 12.0, 110.0] {
            let (mut random, n) = (Random::new(9), 100_000);
            let (mut sum, mut squares) = (0.0, 0.0);
            for _ in 0..n {
                let away = random.chi_squared(df) - df;
                sum += away;
                squares += away * away;
            }
            let n = f64::from(n);
            assert!((sum / n).abs() < 5.0 * (2.0 * df / n).sqrt(), "{df}: {sum}");
            let spread = (8.0 * df * df + 48.0 * df).sqrt();
            assert!((squares / n - 2.0 * df).abs() < 5.0 * spread / n.sqrt(), "{df}: {squares}");
        }
    }

    #[test]
    fn shuffling_keeps_every_item_and_moves_them() {
        let mut items: Vec<usize> = (0..100).collect();
        Random::new(3).shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}
