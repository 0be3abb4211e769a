//! **Online Facility Location** (parallelism): customers come one by one, and where they cost too much a facility is opened in their midst.
//!
//! A quadrant that opens one is cut into four, which are its children. A customer goes down the tree as a call, and the reply brings up what was
//! opened; those who are not on the way are told of it.

use crate::random::Random;
use crate::{Benchmark, Checked, Scale, equal};
use actor_core::prelude::*;

/// Customers in a square.
#[derive(Clone, Copy, Debug)]
pub struct FacilityLocation {
    /// How many customers come.
    pub customers: usize,
    /// How long the sides of the square are.
    pub side: f64,
    /// How far customers may have to go in all before a facility is opened.
    pub threshold: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    x: f64,
    y: f64,
}

impl Point {
    fn distance(self, other: Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

/// A quadrant without what is below it.
#[derive(Clone, Debug)]
struct Area {
    middle: Point,
    side: f64,
    threshold: f64,
    /// Those that are known here.
    facilities: Vec<Point>,
    customers: Vec<Point>,
    cost: f64,
}

impl Area {
    fn new(middle: Point, side: f64, threshold: f64, mut facilities: Vec<Point>) -> Self {
        facilities.push(middle);
        Area { middle, side, threshold, facilities, customers: Vec::new(), cost: 0.0 }
    }

    /// All of the square.
    fn whole(job: &FacilityLocation) -> Self {
        let middle = Point { x: job.side / 2.0, y: job.side / 2.0 };
        Area::new(middle, job.side, job.threshold, Vec::new())
    }

    /// Whether the customer is one too many.
    fn add(&mut self, customer: Point) -> bool {
        let distances = self.facilities.iter().map(|facility| facility.distance(customer));
        self.cost += distances.fold(f64::INFINITY, f64::min);
        self.customers.push(customer);
        self.cost > self.threshold
    }

    /// In which quarter a point lies.
    fn quarter(&self, point: Point) -> usize {
        usize::from(point.x >= self.middle.x) + 2 * usize::from(point.y >= self.middle.y)
    }

    /// Its quarters, with the customers in them.
    fn cut(&mut self) -> [Area; 4] {
        let (side, far) = (self.side / 2.0, self.side / 4.0);
        let mut quarters = std::array::from_fn(|n| {
            let x = self.middle.x + if n & 1 == 0 { -far } else { far };
            let y = self.middle.y + if n & 2 == 0 { -far } else { far };
            Area::new(Point { x, y }, side, self.threshold, self.facilities.clone())
        });
        for customer in std::mem::take(&mut self.customers) {
            quarters[self.quarter(customer)].add(customer);
        }
        quarters
    }
}

/// The quarter that hears of what was opened in another one.
fn opposite(quarter: usize) -> usize {
    3 - quarter
}

/// What is in a quadrant and below it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// The facilities that were opened.
    pub facilities: usize,
    /// The customers.
    pub customers: usize,
    /// How far they go.
    pub cost: f64,
}

impl Sums {
    fn with(self, other: Sums) -> Sums {
        Sums {
            facilities: self.facilities + other.facilities,
            customers: self.customers + other.customers,
            cost: self.cost + other.cost,
        }
    }
}

#[actor]
struct Quadrant {
    area: Area,
    /// None, or four.
    children: Vec<QuadrantHandle>,
}

#[actor]
impl Quadrant {
    /// The facility that was opened for this customer, if one was.
    pub(crate) async fn serve(
        &mut self,
        ctx: &mut Context<Self>,
        customer: Point,
    ) -> Result<Option<Point>, CallError> {
        let quarter = self.area.quarter(customer);
        let Some(child) = self.children.get(quarter) else {
            let cut = self.area.add(customer).then(|| self.area.cut());
            for area in cut.into_iter().flatten() {
                let child = Quadrant { area, children: Vec::new() };
                self.children.push(ctx.spawn_with(child, ctx.how()));
            }
            return Ok((!self.children.is_empty()).then_some(self.area.middle));
        };
        let opened = child.serve(customer).await.map_err(CallError::flatten)?;
        if let Some(facility) = opened {
            self.area.facilities.push(facility);
            self.children[opposite(quarter)].learn(facility).tell().await?;
        }
        Ok(opened)
    }

    /// A facility was opened elsewhere. Whoever is told hears of it before the next customer, since both come from above.
    #[message(fatal)]
    pub(crate) async fn learn(&mut self, facility: Point) -> Result<(), CallError> {
        self.area.facilities.push(facility);
        for child in &self.children {
            child.learn(facility).tell().await?;
        }
        Ok(())
    }

    pub(crate) async fn sums(&mut self) -> Result<Sums, CallError> {
        if self.children.is_empty() {
            return Ok(Sums { facilities: 0, customers: self.area.customers.len(), cost: self.area.cost });
        }
        let mut sums = Sums { facilities: 1, ..Sums::default() };
        for child in &self.children {
            sums = sums.with(child.sums().await.map_err(CallError::flatten)?);
        }
        Ok(sums)
    }
}

/// The same without actors.
struct Plain {
    area: Area,
    children: Vec<Plain>,
}

impl Plain {
    fn new(area: Area) -> Self {
        Plain { area, children: Vec::new() }
    }

    fn serve(&mut self, customer: Point) -> Option<Point> {
        let quarter = self.area.quarter(customer);
        if self.children.is_empty() {
            let full = self.area.add(customer);
            if full {
                self.children = self.area.cut().map(Plain::new).into();
            }
            return full.then_some(self.area.middle);
        }
        let opened = self.children[quarter].serve(customer)?;
        self.area.facilities.push(opened);
        self.children[opposite(quarter)].learn(opened);
        Some(opened)
    }

    fn learn(&mut self, facility: Point) {
        self.area.facilities.push(facility);
        self.children.iter_mut().for_each(|child| child.learn(facility));
    }

    fn sums(&self) -> Sums {
        if self.children.is_empty() {
            return Sums { facilities: 0, customers: self.area.customers.len(), cost: self.area.cost };
        }
        let sums = Sums { facilities: 1, ..Sums::default() };
        self.children.iter().fold(sums, |sums, child| sums.with(child.sums()))
    }
}

impl FacilityLocation {
    fn customers(self) -> impl Iterator<Item = Point> {
        let mut random = Random::new(123_456);
        let mut coordinate = move || random.unit() * self.side;
        (0..self.customers).map(move |_| Point { x: coordinate(), y: coordinate() })
    }
}

impl Benchmark for FacilityLocation {
    const TITLE: &'static str = "Online Facility Location";

    type Output = Sums;

    fn at(scale: Scale) -> Self {
        let side = 500.0;
        let threshold = 2.0 * 2f64.sqrt() * side;
        FacilityLocation { customers: scale.of(500, 100_000), side, threshold }
    }

    async fn run(&self, how: &Spawn) -> Result<Sums, CallError> {
        let whole = Quadrant { area: Area::whole(self), children: Vec::new() };
        let whole = whole.spawn_with(how.clone());
        for customer in self.customers() {
            whole.serve(customer).await.map_err(CallError::flatten)?;
        }
        whole.sums().await.map_err(CallError::flatten)
    }

    fn check(&self, sums: Sums) -> Checked {
        let mut plain = Plain::new(Area::whole(self));
        for customer in self.customers() {
            plain.serve(customer);
        }
        equal("what came of it", &sums, &plain.sums())?;
        equal("customers", &sums.customers, &self.customers)?;
        Ok(format!("{} facilities for {} customers", sums.facilities, sums.customers))
    }
}
